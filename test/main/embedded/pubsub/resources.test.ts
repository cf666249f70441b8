import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusal, TestPubSub, textsOf, type SubscriptionSettings } from './test-pubsub.ts'

let test: TestPubSub
beforeAll(async () => {
  test = await TestPubSub.start()
})
afterAll(() => test.stop())

describe('topics', () => {
  it('are created, found, listed in order of their names, and deleted', async () => {
    const names = ['topic-b', 'topic-c', 'topic-a']
    for (const name of names) await test.pubsub.createTopic(name)
    const [listed] = await test.pubsub.getTopics()
    const listedIds = listed.map(({ name }) => name.split('/').at(-1))
    expect(listedIds.filter((id) => id?.startsWith('topic-'))).toEqual(names.toSorted())
    await test.pubsub.topic('topic-b').delete()
    expect(await test.pubsub.topic('topic-a').exists()).toEqual([true])
    expect(await test.pubsub.topic('topic-b').exists()).toEqual([false])
  })

  it('are listed page by page', async () => {
    const topics = await Promise.all(Array.from({ length: 7 }, () => test.createTopic()))
    const pages = []
    let pageToken = ''
    do {
      const request = { project: 'projects/test', pageSize: 3, pageToken }
      const [page, , response] = await test.publisher.listTopics(request, { autoPaginate: false })
      pages.push(page.map(({ name }) => name))
      pageToken = response.nextPageToken ?? ''
    } while (pageToken !== '')
    expect(pages.slice(0, -1).every((page) => page.length === 3)).toBe(true)
    const names = pages.flat().map((name) => name ?? '')
    expect(names).toEqual([...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1)))
    expect(names).toEqual(expect.arrayContaining(topics))
  })

  it('cannot be created twice, nor used before they are', async () => {
    const name = await test.createTopic()
    expect(await refusal(test.publisher.createTopic({ name }))).toMatchObject({ code: status.ALREADY_EXISTS })
    const missing = 'projects/test/topics/missing'
    const refusals = await Promise.all([
      refusal(test.publisher.getTopic({ topic: missing })),
      refusal(test.publisher.deleteTopic({ topic: missing })),
      refusal(test.publisher.listTopicSubscriptions({ topic: missing })),
      refusal(test.publish(missing, 'x')),
    ])
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set([status.NOT_FOUND]))
  })

  it('change only where the update says so', async () => {
    const [topic] = await test.pubsub.createTopic({ name: test.newName(), labels: { team: 'red' } })
    await topic.setMetadata({ messageRetentionDuration: { seconds: 900 } })
    const [metadata] = await topic.getMetadata()
    expect(metadata).toMatchObject({
      labels: { team: 'red' },
      messageRetentionDuration: { seconds: '900' },
      state: 'ACTIVE',
    })
  })

  it('leave their subscriptions behind when they are deleted, with what those have', async () => {
    const subscription = await test.createSubscription()
    await subscription.publish('before')
    await test.publisher.deleteTopic({ topic: subscription.topic })
    await test.publisher.createTopic({ name: subscription.topic })
    await subscription.publish('to a new topic of the same name')
    const [{ topic }] = await test.subscriber.getSubscription({ subscription: subscription.name })
    expect(topic).toBe('_deleted-topic_')
    expect(textsOf(await subscription.pullNow())).toEqual(['before'])
  })
})

describe('subscriptions', () => {
  it('are created with the defaults of the service, found, listed and deleted', async () => {
    const [topic] = await test.pubsub.createTopic(test.newName())
    const [subscription] = await topic.createSubscription('listed')
    const [metadata] = await subscription.getMetadata()
    expect(metadata).toMatchObject({
      name: 'projects/test/subscriptions/listed',
      topic: topic.name,
      ackDeadlineSeconds: 10,
      messageRetentionDuration: { seconds: '604800' },
      expirationPolicy: { ttl: { seconds: '2678400' } },
      retryPolicy: null,
      deadLetterPolicy: null,
      state: 'ACTIVE',
    })
    const [ofTopic] = await topic.getSubscriptions()
    const [all] = await test.pubsub.getSubscriptions()
    expect(ofTopic.map(({ name }) => name)).toEqual([subscription.name])
    expect(all.map(({ name }) => name)).toContain(subscription.name)
    await subscription.delete()
    expect(await subscription.exists()).toEqual([false])
    const [left] = await topic.getSubscriptions()
    expect(left).toEqual([])
  })

  it('cannot be created twice, without their topics, nor used before they are', async () => {
    const { name, topic } = await test.createSubscription()
    const missing = 'projects/test/topics/missing'
    const another = 'projects/test/subscriptions/another'
    const deadLetterPolicy = { deadLetterTopic: missing }
    for (const other of [topic, missing]) {
      // The service looks for the subscription before the topic.
      expect(await refusal(test.subscriber.createSubscription({ name, topic: other }))).toMatchObject({
        code: status.ALREADY_EXISTS,
      })
    }
    const settle = { subscription: another, ackIds: ['x'] }
    const refusals = await Promise.all([
      refusal(test.subscriber.createSubscription({ name: another, topic: missing })),
      refusal(test.subscriber.createSubscription({ name: another, topic, deadLetterPolicy })),
      refusal(test.subscriber.getSubscription({ subscription: another })),
      refusal(test.subscriber.deleteSubscription({ subscription: another })),
      refusal(test.subscriber.pull({ subscription: another, maxMessages: 1 })),
      refusal(test.subscriber.acknowledge(settle)),
      refusal(test.subscriber.modifyAckDeadline({ ...settle, ackDeadlineSeconds: 1 })),
    ])
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set([status.NOT_FOUND]))
  })

  it('change only where the update says so', async () => {
    const { name } = await test.createSubscription({ ackDeadlineSeconds: 30, labels: { team: 'red' } })
    await test.pubsub.subscription(name).setMetadata({ retryPolicy: { minimumBackoff: { seconds: 3 } } })
    const [changed] = await test.subscriber.getSubscription({ subscription: name })
    expect(changed).toMatchObject({
      ackDeadlineSeconds: 30,
      labels: { team: 'red' },
      retryPolicy: { minimumBackoff: { seconds: '3' }, maximumBackoff: { seconds: '600' } },
    })
  })

  it.each([
    ['topic'],
    ['name'],
    ['enable_message_ordering'],
    ['filter'],
    ['ackDeadlineSeconds'],
    ['toString'],
  ])('do not change their %s', async (path) => {
    const { name } = await test.createSubscription()
    const update = { subscription: { name }, updateMask: { paths: [path] } }
    const { code, details } = await refusal(test.subscriber.updateSubscription(update))
    expect(code).toBe(status.INVALID_ARGUMENT)
    expect(details).toContain(path)
  })

  it('are not updated without a mask', async () => {
    const { name } = await test.createSubscription()
    const update = { subscription: { name, ackDeadlineSeconds: 20 } }
    expect(await refusal(test.subscriber.updateSubscription(update))).toMatchObject({
      code: status.INVALID_ARGUMENT,
    })
  })
})

describe('names', () => {
  it.each([
    ['too short', 'projects/test/topics/ab'],
    ['too long', `projects/test/topics/${'a'.repeat(256)}`],
    ['starting with a digit', 'projects/test/topics/1abc'],
    ['starting with goog', 'projects/test/topics/google'],
    ['with a space', 'projects/test/topics/a b c'],
    ['without a project', 'topics/abc'],
    ['of a subscription', 'projects/test/subscriptions/abc'],
    ['empty', ''],
    ['far too long, and cut within a character', `${'a'.repeat(299)}🦊`],
  ])('of topics are refused, naming the field, when they are %s', async (_, name) => {
    const { code, details } = await refusal(test.publisher.createTopic({ name }))
    expect(code).toBe(status.INVALID_ARGUMENT)
    expect(details).toMatch(/^Invalid \[topics\] name: \(name=/)
  })

  it('may have all the characters that the service allows', async () => {
    const name = 'projects/test/topics/aZ09-_.~+%'
    await test.publisher.createTopic({ name })
    const [found] = await test.publisher.getTopic({ topic: name })
    expect(found.name).toBe(name)
  })

  it('of subscriptions and projects are checked as well', async () => {
    const topic = await test.createTopic()
    const name = 'projects/test/subscriptions/fine'
    expect(await refusal(test.subscriber.createSubscription({ name: 'x', topic }))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('(name=x)') as string,
    })
    expect(await refusal(test.subscriber.createSubscription({ name, topic: 'x' }))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('(topic=x)') as string,
    })
    expect(await refusal(test.publisher.listTopics({ project: 'x' }))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('(project=x)') as string,
    })
  })
})

describe('settings of a subscription', () => {
  const deadLetterTopic = 'projects/test/topics/dead'
  const refused: [string, SubscriptionSettings][] = [
    ['ack_deadline_seconds', { ackDeadlineSeconds: 9 }],
    ['ack_deadline_seconds', { ackDeadlineSeconds: 601 }],
    ['message_retention_duration', { messageRetentionDuration: { seconds: 599 } }],
    ['retry_policy.minimum_backoff', { retryPolicy: { minimumBackoff: { seconds: 601 } } }],
    ['retry_policy.maximum_backoff', { retryPolicy: { maximumBackoff: { seconds: 9 } } }],
    ['dead_letter_policy.dead_letter_topic', { deadLetterPolicy: { deadLetterTopic: 'x' } }],
    [
      'dead_letter_policy.max_delivery_attempts',
      { deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: 4 } },
    ],
    [
      'dead_letter_policy.max_delivery_attempts',
      { deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: 101 } },
    ],
  ]
  it.each(refused)('are refused, naming the field, when %s is out of bounds: %j', async (field, settings) => {
    const { code, details } = await refusal(test.createSubscription(settings))
    expect(code).toBe(status.INVALID_ARGUMENT)
    expect(details).toContain(field)
  })

  const unsupported: [string, SubscriptionSettings][] = [
    ['push_config', { pushConfig: { pushEndpoint: 'https://example.com/push' } }],
    ['bigquery_config', { bigqueryConfig: { table: 'a.b.c' } }],
    ['filter', { filter: 'attributes.kind = "x"' }],
  ]
  it.each(unsupported)('that would be ignored are refused: %s', async (field, settings) => {
    const { code, details } = await refusal(test.createSubscription(settings))
    expect(code).toBe(status.UNIMPLEMENTED)
    expect(details).toContain(field)
  })
})
