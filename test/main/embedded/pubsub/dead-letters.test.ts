import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Received } from './test-consumers.ts'
import { TestPubSub, textsOf, type TestSubscription } from './test-pubsub.ts'

let test: TestPubSub
beforeAll(async () => {
  test = await TestPubSub.start()
})
afterAll(() => test.stop())

async function withDeadLetters(): Promise<{ tasks: TestSubscription; deadLetters: TestSubscription }> {
  const deadLetters = await test.createSubscription()
  const tasks = await test.createSubscription({
    deadLetterPolicy: { deadLetterTopic: deadLetters.topic, maxDeliveryAttempts: 5 },
  })
  return { tasks, deadLetters }
}

/** Refuses the next message that many times. */
async function refuse(subscription: TestSubscription, times: number): Promise<Received[]> {
  const refused: Received[] = []
  while (refused.length < times) {
    const [message] = await subscription.pull(1)
    refused.push(message!)
    await subscription.nack(message)
  }
  return refused
}

describe('a dead-letter policy', () => {
  it('counts the attempts, and passes on what has failed as often as it allows', async () => {
    const { tasks, deadLetters } = await withDeadLetters()
    const [messageId] = await tasks.publish({
      data: Buffer.from('poison'),
      attributes: { kind: 'logo' },
      orderingKey: 'key',
    })
    const refused = await refuse(tasks, 5)
    expect(refused.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([1, 2, 3, 4, 5])
    expect(await tasks.pullNow()).toEqual([])

    const [dead] = await deadLetters.pull(1)
    const publishedMs = Number(refused[0]?.message?.publishTime?.seconds) * 1_000
    expect(dead).toMatchObject({
      deliveryAttempt: 0,
      message: {
        data: Buffer.from('poison'),
        orderingKey: 'key',
        attributes: {
          kind: 'logo',
          CloudPubSubDeadLetterSourceDeliveryCount: '5',
          CloudPubSubDeadLetterSourceSubscription: tasks.name.split('/').at(-1),
          CloudPubSubDeadLetterSourceSubscriptionProject: 'test',
        },
      },
    })
    const { CloudPubSubDeadLetterSourceTopicPublishTime: time } = dead?.message?.attributes ?? {}
    expect(Math.floor(Date.parse(time ?? '') / 1_000) * 1_000).toBe(publishedMs)
    expect(dead?.message?.messageId).not.toBe(messageId)
  })

  it('counts a deadline that has passed as a failure', async () => {
    const { tasks } = await withDeadLetters()
    await tasks.publish('slow')
    const [first] = await tasks.pull(1)
    await tasks.modify(1, first)
    const [second] = await tasks.pull(1)
    expect([first?.deliveryAttempt, second?.deliveryAttempt]).toEqual([1, 2])
  })

  it('leaves what is acknowledged at the last attempt alone', async () => {
    const { tasks, deadLetters } = await withDeadLetters()
    await tasks.publish('hard')
    await refuse(tasks, 4)
    await tasks.ack(...(await tasks.pull(1)))
    expect([...(await tasks.pullNow()), ...(await deadLetters.pullNow())]).toEqual([])
  })

  it('loses nothing when its topic is gone', async () => {
    const { tasks, deadLetters } = await withDeadLetters()
    await test.publisher.deleteTopic({ topic: deadLetters.topic })
    await tasks.publish('poison')
    await refuse(tasks, 6)
    const [seventh] = await tasks.pull(1)
    expect(textsOf([seventh!])).toEqual(['poison'])
    expect(seventh?.deliveryAttempt).toBe(7)
  })

  it('lets the next message of an ordering key follow', async () => {
    const deadLetters = await test.createSubscription()
    const tasks = await test.createSubscription({
      enableMessageOrdering: true,
      deadLetterPolicy: { deadLetterTopic: deadLetters.topic },
    })
    await tasks.publishKeyed('key', 'poison', 'next')
    await refuse(tasks, 5)
    expect(textsOf(await deadLetters.pull(1))).toEqual(['poison'])
    expect(textsOf(await tasks.pull(1))).toEqual(['next'])
  })
})

describe('without a dead-letter policy', () => {
  it('the attempts are not told', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('a')
    const refused = await refuse(subscription, 6)
    expect(refused.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([0, 0, 0, 0, 0, 0])
  })
})
