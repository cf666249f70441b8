import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receivedInAll, StockConsumer } from './test-consumers.ts'
import { ackIdsOf, TestPubSub, textsOf } from './test-pubsub.ts'

let test: TestPubSub
beforeAll(async () => {
  test = await TestPubSub.start()
})
afterAll(() => test.stop())

describe('the stock client', () => {
  it('receives and acknowledges every message once', async () => {
    const subscription = await test.createSubscription()
    const consumer = subscription.consume({ streamingOptions: { maxStreams: 5 } })
    const publisher = test.pubsub.topic(subscription.topic)
    const ids = await Promise.all(
      Array.from({ length: 2_000 }, (_, index) => publisher.publishMessage({ json: { index } })),
    )
    const received = await consumer.received(2_000)
    for (const message of received) message.ack()
    await consumer.close()
    expect(received.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    expect(await subscription.pullNow()).toEqual([])
  })

  it('holds no more messages than its flow control allows, and receives another for each it settles', async () => {
    const subscription = await test.createSubscription()
    const consumer = subscription.consume({ flowControl: { maxMessages: 2 } })
    await subscription.publish('a', 'b', 'c', 'd', 'e')
    const [a, b] = await consumer.received(2)
    const others = await subscription.pullNow()
    expect(textsOf(others)).toEqual(['c', 'd', 'e'])
    await subscription.nack(others[0])
    a?.ack()
    await consumer.received(3)
    await subscription.nack(others[1])
    expect(textsOf(await subscription.pullNow())).toEqual(['d'])
    b?.nack()
    const [, , c, bAgain] = await consumer.received(4)
    expect([c, bAgain].map((message) => message?.data.toString())).toEqual(['c', 'b'])
    await consumer.close()
  })

  it('holds no more bytes than its flow control allows', async () => {
    const subscription = await test.createSubscription()
    const consumer = subscription.consume({ flowControl: { maxBytes: 1_000 } })
    await subscription.publish(...Array.from({ length: 5 }, () => 'x'.repeat(600)))
    await consumer.received(2)
    expect(await subscription.pullNow()).toHaveLength(3)
    expect(consumer.messages).toHaveLength(2)
    await consumer.close()
  })

  it('hears that its subscription is gone', async () => {
    const subscription = await test.createSubscription()
    const consumer = subscription.consume()
    const failed = consumer.failed()
    await subscription.publish('a')
    await consumer.received(1)
    await test.pubsub.subscription(subscription.name).delete()
    expect(await failed).toMatchObject({ code: status.NOT_FOUND })
  })

  it('hears that there is no such subscription', async () => {
    const consumer = new StockConsumer(test.pubsub.subscription('missing'))
    expect(await consumer.failed()).toMatchObject({ code: status.NOT_FOUND })
  })
})

describe('several streams of one subscription', () => {
  it('share what waits evenly', async () => {
    const subscription = await test.createSubscription()
    const streams = [await subscription.stream(), await subscription.stream(), await subscription.stream()]
    await subscription.publish(...Array.from({ length: 300 }, (_, index) => String(index)))
    const shares = await Promise.all(streams.map((stream) => stream.received(100)))
    expect(shares.map(({ length }) => length)).toEqual([100, 100, 100])
    expect(new Set(shares.flatMap((share) => textsOf(share))).size).toBe(300)
    for (const stream of streams) stream.cancel()
  })

  it('take turns when messages come one by one', async () => {
    const subscription = await test.createSubscription()
    const streams = [await subscription.stream(), await subscription.stream()]
    for (let index = 0; index < 10; index++) {
      await subscription.publish(String(index))
      await receivedInAll(streams, index + 1)
    }
    expect(streams.map(({ messages }) => messages.length)).toEqual([5, 5])
    for (const stream of streams) stream.cancel()
  })

  it('give what one has no room for to the others', async () => {
    const subscription = await test.createSubscription()
    const small = await subscription.stream({ maxOutstandingMessages: 1 })
    const large = await subscription.stream()
    await subscription.publish(...Array.from({ length: 20 }, (_, index) => String(index)))
    await large.received(19)
    expect(await small.received(1)).toHaveLength(1)
    for (const stream of [small, large]) stream.cancel()
  })
})

describe('a stream', () => {
  it('leaves its messages leased when it goes', async () => {
    // Exactly-once delivery tells whether a lease still stands.
    const subscription = await test.createSubscription({ enableExactlyOnceDelivery: true })
    const gone = await subscription.stream()
    await subscription.publish('a')
    const [a] = await gone.received(1)
    gone.cancel()
    await gone.ended
    const next = await subscription.stream()
    await subscription.publish('b')
    expect(textsOf(await next.received(1))).toEqual(['b'])
    await subscription.modify(30, a)
    await subscription.nack(a)
    expect(textsOf(await next.received(2))).toEqual(['b', 'a'])
    next.cancel()
  })

  it('takes acknowledgements, refusals and deadlines itself, as older clients send them', async () => {
    const subscription = await test.createSubscription()
    const stream = await subscription.stream({ maxOutstandingMessages: 3 })
    await subscription.publish('a', 'b', 'c', 'd', 'e')
    const [a, b, c] = ackIdsOf(await stream.received(3))
    stream.write({ ackIds: [a!], modifyDeadlineAckIds: [b!, c!], modifyDeadlineSeconds: [0, 1] })
    expect(textsOf(await stream.received(6)).toSorted()).toEqual(['a', 'b', 'b', 'c', 'c', 'd'].toSorted())
    stream.cancel()
  })

  it.each([
    ['of no subscription', { subscription: '' }, status.INVALID_ARGUMENT],
    ['of a bad name', { subscription: 'x' }, status.INVALID_ARGUMENT],
    ['of a missing one', { subscription: 'projects/test/subscriptions/none' }, status.NOT_FOUND],
    ['without a deadline', { streamAckDeadlineSeconds: 0 }, status.INVALID_ARGUMENT],
    ['with a deadline that is too short', { streamAckDeadlineSeconds: 9 }, status.INVALID_ARGUMENT],
    ['with a deadline that is too long', { streamAckDeadlineSeconds: 601 }, status.INVALID_ARGUMENT],
    ['with a malformed ack id', { ackIds: ['nonsense'] }, status.INVALID_ARGUMENT],
  ])('%s is refused', async (_, request, code) => {
    const subscription = await test.createSubscription()
    expect(await subscription.openStream(request).ended).toMatchObject({ code })
  })

  it.each([
    ['its subscription', { subscription: 'projects/test/subscriptions/none' }],
    ['its flow control in messages', { maxOutstandingMessages: 5 }],
    ['its flow control in bytes', { maxOutstandingBytes: 5 }],
    ['a deadline out of bounds', { streamAckDeadlineSeconds: 5 }],
    ['deadlines without ids', { modifyDeadlineSeconds: [5] }],
    ['a negative deadline', { modifyDeadlineAckIds: ['0123456789abcdef-0'], modifyDeadlineSeconds: [-1] }],
  ])('is aborted when it sends %s later', async (_, request) => {
    const subscription = await test.createSubscription()
    const stream = await subscription.stream()
    stream.write(request)
    expect(await stream.ended).toMatchObject({ code: status.INVALID_ARGUMENT })
  })

  it('never ends with OK', async () => {
    const subscription = await test.createSubscription()
    const stream = await subscription.stream()
    stream.end()
    expect(await stream.ended).toMatchObject({ code: status.UNAVAILABLE })
  })
})
