import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ackIdsOf, refusal, TestPubSub, textsOf } from './test-pubsub.ts'

let test: TestPubSub
beforeAll(async () => {
  test = await TestPubSub.start()
})
afterAll(() => test.stop())

describe('a message that was delivered', () => {
  it('is not delivered again once it is acknowledged', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('a', 'b')
    const [a, b] = await subscription.pull(2)
    await subscription.ack(a)
    await subscription.nack(a, b)
    expect(textsOf(await subscription.pullNow())).toEqual(['b'])
  })

  it('is delivered again when its deadline passes, and the first delivery counts no more', async () => {
    const subscription = await test.createSubscription()
    const [messageId] = await subscription.publish('a')
    const [first] = await subscription.pull(1)
    expect(await subscription.pullNow()).toEqual([])
    await subscription.modify(1, first)
    const [second] = await subscription.pull(1)
    expect(second?.message?.messageId).toBe(messageId)
    expect(second?.ackId).not.toBe(first?.ackId)
    await subscription.ack(first)
    await subscription.nack(second)
    expect(textsOf(await subscription.pullNow())).toEqual(['a'])
  })

  it('stays with its consumer as long as the deadline is moved', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('moved', 'left alone')
    const [moved, leftAlone] = await subscription.pull(2)
    await subscription.modify(1, moved)
    await subscription.modify(1, leftAlone)
    await subscription.modify(60, moved)
    expect(textsOf(await subscription.pull(1))).toEqual(['left alone'])
    expect(await subscription.pullNow()).toEqual([])
  })

  it('is delivered again at once when it is refused', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('a', 'b')
    const [a] = await subscription.pull(2)
    await subscription.nack(a)
    expect(textsOf(await subscription.pullNow())).toEqual(['a'])
  })

  it('holds up no other when it is refused again and again', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('poison', 'a', 'b', 'c')
    const seen: string[] = []
    while (new Set(seen).size < 4) {
      const [message] = await subscription.pull(1)
      const [text = ''] = textsOf([message!])
      seen.push(text)
      if (text === 'poison') await subscription.nack(message)
      else await subscription.ack(message)
    }
    expect(seen.length).toBeLessThanOrEqual(8)
  })

  it('may be acknowledged late, as long as it has not been delivered again', async () => {
    const subscription = await test.createSubscription()
    const witness = await test.createSubscription()
    await Promise.all([subscription.publish('a'), witness.publish('b')])
    const [a] = await subscription.pull(1)
    const [b] = await witness.pull(1)
    await subscription.modify(1, a)
    await witness.modify(1, b)
    // It runs out after the other.
    await witness.pull(1)
    await subscription.ack(a)
    expect(await subscription.pullNow()).toEqual([])
  })

  it('is not acknowledged by the id of a delivery that was refused', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('a')
    const [first] = await subscription.pull(1)
    await subscription.nack(first)
    await subscription.ack(first)
    const [second] = await subscription.pull(1)
    await subscription.ack(first)
    await subscription.nack(second)
    expect(textsOf(await subscription.pullNow())).toEqual(['a'])
  })
})

describe('a retry policy', () => {
  it('delays what was refused, twice as long each time up to the maximum', async () => {
    const subscription = await test.createSubscription({
      retryPolicy: { minimumBackoff: { nanos: 100_000_000 }, maximumBackoff: { nanos: 400_000_000 } },
    })
    await subscription.publish('three failures')
    for (let failure = 1; failure <= 2; failure++) await subscription.nack(...(await subscription.pull(1)))
    const [failed] = await subscription.pull(1)
    await subscription.publish('one failure', 'two failures')
    const [one, two] = await subscription.pull(2)
    await subscription.nack(two)
    const [twoAgain] = await subscription.pull(1)
    await subscription.publish('none')
    await subscription.nack(failed, twoAgain, one)
    expect(textsOf(await subscription.pull(4))).toEqual([
      'none',
      'one failure',
      'two failures',
      'three failures',
    ])
  })

  it('delays what was not acknowledged in time, too', async () => {
    const subscription = await test.createSubscription({
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 1 } },
    })
    await subscription.publish('expired', 'refused')
    const [expired, refused] = await subscription.pull(2)
    await subscription.modify(1, expired)
    await subscription.nack(refused)
    expect(textsOf(await subscription.pull(2))).toEqual(['refused', 'expired'])
  })
})

describe('an acknowledgement', () => {
  it('of another subscription, or of a server before this one, changes nothing and is no error', async () => {
    const subscription = await test.createSubscription()
    const other = await test.createSubscription()
    await Promise.all([subscription.publish('a'), other.publish('b')])
    const [a] = await subscription.pull(1)
    const [b] = await other.pull(1)
    await subscription.ack(b)
    await subscription.nack(b)
    await other.nack(b)
    await subscription.nack(a)
    expect(textsOf([...(await subscription.pullNow()), ...(await other.pullNow())])).toEqual(['a', 'b'])
  })

  it('with an id of no known form is refused as a whole', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('a')
    const [a] = await subscription.pull(1)
    const ackIds = [...ackIdsOf([a]), 'nonsense']
    const request = { subscription: subscription.name, ackIds }
    for (const { code, details } of [
      await refusal(test.subscriber.acknowledge(request)),
      await refusal(test.subscriber.modifyAckDeadline({ ...request, ackDeadlineSeconds: 30 })),
    ]) {
      expect(code).toBe(status.INVALID_ARGUMENT)
      expect(details).toContain('nonsense')
    }
    await subscription.nack(a)
    expect(textsOf(await subscription.pullNow())).toEqual(['a'])
  })

  it('needs at least one id, and a deadline within the bounds', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('a')
    const [a] = await subscription.pull(1)
    for (const { code } of [
      await refusal(subscription.ack()),
      await refusal(subscription.nack()),
      await refusal(subscription.modify(-1, a)),
      await refusal(subscription.modify(601, a)),
    ]) {
      expect(code).toBe(status.INVALID_ARGUMENT)
    }
  })
})

describe('a pull', () => {
  it('waits for the first message', async () => {
    const subscription = await test.createSubscription()
    const pulled = subscription.pull(1)
    await subscription.publish('a')
    expect(textsOf(await pulled)).toEqual(['a'])
  })

  it('answers with no more messages than it asks for, oldest first', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('a', 'b', 'c')
    expect(textsOf(await subscription.pullNow(2))).toEqual(['a', 'b'])
    expect(textsOf(await subscription.pullNow(2))).toEqual(['c'])
  })

  it('leases nothing once its client has gone', async () => {
    const subscription = await test.createSubscription()
    const abandoned = test.subscriber.pull(
      { subscription: subscription.name, maxMessages: 10 },
      { timeout: 100, retry: null },
    )
    expect(await refusal(abandoned)).toMatchObject({ code: status.DEADLINE_EXCEEDED })
    // Calls of one connection arrive in order: the server has seen the cancellation when this one answers.
    expect(await subscription.pullNow()).toEqual([])
    await subscription.publish('a')
    expect(textsOf(await subscription.pullNow())).toEqual(['a'])
  })

  it('needs a positive number of messages', async () => {
    const subscription = await test.createSubscription()
    expect(await refusal(subscription.pullNow(0))).toMatchObject({ code: status.INVALID_ARGUMENT })
  })
})
