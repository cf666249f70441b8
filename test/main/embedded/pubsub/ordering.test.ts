import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receivedInAll } from './test-consumers.ts'
import { TestPubSub, textsOf } from './test-pubsub.ts'

let test: TestPubSub
beforeAll(async () => {
  test = await TestPubSub.start()
})
afterAll(() => test.stop())

describe('messages with an ordering key', () => {
  it('are delivered in the order of publication, the next when those before are acknowledged', async () => {
    const subscription = await test.createSubscription({ enableMessageOrdering: true })
    await subscription.publishKeyed('key', '1', '2', '3')
    const batch = await subscription.pullNow(2)
    expect(textsOf(batch)).toEqual(['1', '2'])
    await subscription.publishKeyed('key', '4')
    await subscription.ack(batch[0])
    expect(await subscription.pullNow()).toEqual([])
    await subscription.ack(batch[1])
    expect(textsOf(await subscription.pullNow())).toEqual(['3', '4'])
  })

  it('hold up neither other keys nor messages without a key', async () => {
    const subscription = await test.createSubscription({ enableMessageOrdering: true })
    await subscription.publishKeyed('slow', 's1', 's2')
    await subscription.pullNow(1)
    await subscription.publishKeyed('other', 'o1', 'o2')
    await subscription.publish('free')
    expect(textsOf(await subscription.pullNow()).toSorted()).toEqual(['free', 'o1', 'o2'])
  })

  it('are delivered again from the one that failed on, even if they are acknowledged', async () => {
    const subscription = await test.createSubscription({ enableMessageOrdering: true })
    await subscription.publishKeyed('key', '1', '2', '3', '4')
    const [one, two, three, four] = await subscription.pullNow()
    await subscription.ack(three)
    await subscription.nack(two)
    // It was taken back when the one before it failed.
    await subscription.ack(four)
    expect(await subscription.pullNow()).toEqual([])
    await subscription.ack(one)
    expect(textsOf(await subscription.pullNow())).toEqual(['2', '3', '4'])
  })

  it('are not delivered again after their acknowledgement with exactly-once delivery', async () => {
    const subscription = await test.createSubscription({
      enableMessageOrdering: true,
      enableExactlyOnceDelivery: true,
    })
    await subscription.publishKeyed('key', '1', '2', '3')
    const [one, two] = await subscription.pullNow()
    await subscription.ack(two)
    await subscription.nack(one)
    expect(textsOf(await subscription.pullNow())).toEqual(['1', '3'])
  })

  it('wait for the retry of the one that failed', async () => {
    const subscription = await test.createSubscription({
      enableMessageOrdering: true,
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 1 } },
    })
    await subscription.publishKeyed('key', '1', '2')
    const [one] = await subscription.pullNow()
    await subscription.nack(one)
    expect(textsOf(await subscription.pull(2))).toEqual(['1', '2'])
  })

  it('are delivered again in order when their deadline passes', async () => {
    const subscription = await test.createSubscription({ enableMessageOrdering: true })
    await subscription.publishKeyed('key', '1', '2', '3')
    const [one] = await subscription.pullNow()
    await subscription.modify(1, one)
    expect(textsOf(await subscription.pull(3))).toEqual(['1', '2', '3'])
  })

  it('are with one stream at a time', async () => {
    const subscription = await test.createSubscription({ enableMessageOrdering: true })
    const streams = [await subscription.stream(), await subscription.stream()]
    await subscription.publishKeyed('key', '1', '2', '3', '4')
    await receivedInAll(streams, 1)
    expect(await subscription.pullNow()).toEqual([])
    const [holder, other] = streams.toSorted((a, b) => b.messages.length - a.messages.length)
    expect(other!.messages).toEqual([])
    const batch = [...holder!.messages]
    await subscription.ack(...batch)
    const all = await receivedInAll(streams, batch.length + 1)
    expect(textsOf(all).toSorted().slice(0, 3)).toEqual(['1', '2', '3'])
    for (const stream of streams) stream.cancel()
  })

  it('are free of each other where the subscription does not ask for order', async () => {
    const subscription = await test.createSubscription()
    await subscription.publishKeyed('key', '1', '2')
    expect(textsOf(await subscription.pullNow(1))).toEqual(['1'])
    expect(textsOf(await subscription.pullNow(1))).toEqual(['2'])
  })

  it('reach the stock client in order, though every third fails at first', async () => {
    const subscription = await test.createSubscription({ enableMessageOrdering: true })
    const publisher = test.pubsub.topic(subscription.topic, { messageOrdering: true })
    const keys = ['red', 'green', 'blue']
    const expected = Array.from({ length: 20 }, (_, index) => String(index))
    await Promise.all(
      expected.flatMap((text) =>
        keys.map((orderingKey) => publisher.publishMessage({ data: Buffer.from(text), orderingKey })),
      ),
    )
    const done = new Map(keys.map((key) => [key, [] as string[]]))
    const hasFailed = new Set<string>()
    const consumer = subscription.consume()
    for (let seen = 0; [...done.values()].some(({ length }) => length < expected.length); seen++) {
      const message = (await consumer.received(seen + 1))[seen]!
      const text = message.data.toString()
      const sequence = done.get(message.orderingKey!)!
      if (Number(text) % 3 === 0 && !hasFailed.has(message.id)) {
        hasFailed.add(message.id)
        message.nack()
      } else {
        // What comes after a failure comes again.
        if (text === expected[sequence.length]) sequence.push(text)
        message.ack()
      }
    }
    await consumer.close()
    expect(Object.fromEntries(done)).toEqual(Object.fromEntries(keys.map((key) => [key, expected])))
  })
})
