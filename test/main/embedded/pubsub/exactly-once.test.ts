import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ackIdsOf, refusal, TestPubSub, textsOf, type TestSubscription } from './test-pubsub.ts'

let test: TestPubSub
beforeAll(async () => {
  test = await TestPubSub.start()
})
afterAll(() => test.stop())

const createExactlyOnce = (): Promise<TestSubscription> =>
  test.createSubscription({ enableExactlyOnceDelivery: true })

describe('a subscription with exactly-once delivery', () => {
  it('tells the stock client which of its acknowledgements counted', async () => {
    const subscription = await createExactlyOnce()
    const consumer = subscription.consume()
    await subscription.publish('a')
    const [first] = await consumer.received(1)
    await subscription.nack(first)
    const [, second] = await consumer.received(2)
    await expect(first?.ackWithResponse()).rejects.toMatchObject({ errorCode: 'INVALID' })
    expect(await second?.ackWithResponse()).toBe('SUCCESS')
    await consumer.close()
    expect(await subscription.pullNow()).toEqual([])
  })

  it('says which ids did not count, and counts the others', async () => {
    const subscription = await createExactlyOnce()
    await subscription.publish('a', 'b')
    const [a, b] = await subscription.pull(2)
    await subscription.nack(a)
    const { code, errorInfoMetadata } = await refusal(subscription.ack(a, b))
    expect(code).toBe(status.INVALID_ARGUMENT)
    expect(errorInfoMetadata).toEqual({ [a?.ackId ?? '']: 'PERMANENT_FAILURE_INVALID_ACK_ID' })
    expect(textsOf(await subscription.pullNow())).toEqual(['a'])
    const moved = await refusal(subscription.modify(30, a, b))
    expect(Object.keys(moved.errorInfoMetadata ?? {})).toEqual(ackIdsOf([a, b]))
  })

  it('takes no acknowledgement after the deadline', async () => {
    const subscription = await createExactlyOnce()
    const witness = await test.createSubscription()
    await Promise.all([subscription.publish('a'), witness.publish('b')])
    const [a] = await subscription.pull(1)
    const [b] = await witness.pull(1)
    await subscription.modify(1, a)
    await witness.modify(1, b)
    // It runs out after the other.
    await witness.pull(1)
    expect(await refusal(subscription.ack(a))).toMatchObject({ code: status.INVALID_ARGUMENT })
    expect(textsOf(await subscription.pullNow())).toEqual(['a'])
  })

  it('can answer for as many ids as the client sends in one request', async () => {
    const subscription = await createExactlyOnce()
    const texts = Array.from({ length: 1_000 }, (_, index) => String(index))
    for (let round = 0; round < 3; round++) await subscription.publish(...texts)
    const messages = await subscription.pull(3_000)
    await subscription.ack(...messages)
    const { code, errorInfoMetadata } = await refusal(subscription.ack(...messages))
    expect(code).toBe(status.INVALID_ARGUMENT)
    expect(ackIdsOf(messages)).toEqual(expect.arrayContaining(Object.keys(errorInfoMetadata ?? {})))
  })

  it('confirms what is acknowledged and moved on the stream itself', async () => {
    const subscription = await createExactlyOnce()
    const stream = await subscription.stream()
    await subscription.publish('a', 'b')
    const [a, b] = ackIdsOf(await stream.received(2))
    await subscription.nack({ ackId: b! })
    stream.write({ ackIds: [a!, b!], modifyDeadlineAckIds: [b!], modifyDeadlineSeconds: [30] })
    const { acknowledgeConfirmation } = await stream.response((response) =>
      Boolean(response.acknowledgeConfirmation),
    )
    const { modifyAckDeadlineConfirmation } = await stream.response((response) =>
      Boolean(response.modifyAckDeadlineConfirmation),
    )
    expect(acknowledgeConfirmation).toMatchObject({ ackIds: [a], invalidAckIds: [b] })
    expect(modifyAckDeadlineConfirmation).toMatchObject({ ackIds: [], invalidAckIds: [b] })
    stream.cancel()
  })
})

describe('exactly-once delivery that is switched on later', () => {
  it('is told to the streams that are open', async () => {
    const subscription = await test.createSubscription()
    const stream = await subscription.stream()
    await test.pubsub.subscription(subscription.name).setMetadata({ enableExactlyOnceDelivery: true })
    const { subscriptionProperties } = await stream.response(
      (response) => response.subscriptionProperties?.exactlyOnceDeliveryEnabled === true,
    )
    expect(subscriptionProperties).toEqual({
      exactlyOnceDeliveryEnabled: true,
      messageOrderingEnabled: false,
    })
    stream.cancel()
  })
})
