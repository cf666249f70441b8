import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusal, TestPubSub, textsOf } from './test-pubsub.ts'

let test: TestPubSub
beforeAll(async () => {
  test = await TestPubSub.start()
})
afterAll(() => test.stop())

const data = Buffer.from('x')

describe('a message', () => {
  it('reaches every subscription of its topic, with all that the publisher gave it', async () => {
    const topic = await test.createTopic()
    const subscriptions = [await test.createSubscription({ topic }), await test.createSubscription({ topic })]
    const other = await test.createSubscription()
    const beforeS = Math.floor(Date.now() / 1_000)
    const messageId = await test.pubsub.topic(topic, { messageOrdering: true }).publishMessage({
      data: Buffer.from([0, 1, 255]),
      attributes: { kind: 'logo', ünïcode: '✓' },
      orderingKey: 'key',
    })
    for (const subscription of subscriptions) {
      const [received] = await subscription.pull(1)
      expect(received).toMatchObject({
        deliveryAttempt: 0,
        message: {
          data: Buffer.from([0, 1, 255]),
          attributes: { kind: 'logo', ünïcode: '✓' },
          orderingKey: 'key',
          messageId,
        },
      })
      expect(Number(received?.message?.publishTime?.seconds)).toBeGreaterThanOrEqual(beforeS)
    }
    expect(await other.pullNow()).toEqual([])
  })

  it('does not reach a subscription that is made later', async () => {
    const topic = await test.createTopic()
    await test.publish(topic, 'early')
    const subscription = await test.createSubscription({ topic })
    await test.publish(topic, 'late')
    expect(textsOf(await subscription.pullNow())).toEqual(['late'])
  })

  it('has an id of its own, greater than those before', async () => {
    const topics = [await test.createTopic(), await test.createTopic()]
    const ids: number[] = []
    for (let round = 0; round < 5; round++) {
      for (const topic of topics) ids.push(...(await test.publish(topic, 'a', 'b', 'c')).map(Number))
    }
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
    expect(ids).toHaveLength(30)
  })

  it('may be nothing but attributes', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish({ attributes: { only: '' } })
    expect(await subscription.pullNow()).toMatchObject([{ message: { attributes: { only: '' } } }])
  })

  it('may be as large as the service allows, and no larger', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish({ data: Buffer.alloc(10_000_000, 'x') })
    const [received] = await subscription.pull(1)
    expect(received?.message?.data).toHaveLength(10_000_000)
    expect(await refusal(subscription.publish({ data: Buffer.alloc(10_000_001, 'x') }))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('10000000 bytes') as string,
    })
  })
})

describe('a request to publish', () => {
  it.each([
    ['no messages', []],
    ['an empty message', [{}]],
    ['an empty message among others', [{ data }, { orderingKey: 'key' }]],
    ['more than 1000 messages', Array.from({ length: 1_001 }, () => ({ data }))],
    ['more than 10 MB in all', Array.from({ length: 2 }, () => ({ data: Buffer.alloc(6_000_000, 'x') }))],
    ['several ordering keys', [{ data, orderingKey: 'a' }, { data }]],
    ['an ordering key that is too long', [{ data, orderingKey: 'k'.repeat(1_025) }]],
    ['an attribute without a name', [{ attributes: { '': 'x' } }]],
    ['an attribute with a reserved name', [{ attributes: { googclient: 'x' } }]],
    ['an attribute with too long a name', [{ attributes: { ['k'.repeat(257)]: 'x' } }]],
    ['an attribute with too long a value', [{ attributes: { k: 'x'.repeat(1_025) } }]],
    [
      'too many attributes',
      [{ attributes: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, 'x'])) }],
    ],
  ])('is refused as a whole when it has %s', async (_, messages) => {
    const subscription = await test.createSubscription()
    expect(await refusal(subscription.publish(...messages))).toMatchObject({ code: status.INVALID_ARGUMENT })
    expect(await subscription.pullNow()).toEqual([])
  })
})
