import { checkRetention } from './bounds.ts'
import type { PublishedMessage } from './delivery.ts'
import type { Journal } from './journal.ts'
import { checkPublishRequest, messageBytes } from './publish-request.ts'
import { checkResourceName, nameParts } from './resource-names.ts'
import { alreadyExists, invalidArgument, notFound, unimplemented } from './status-error.ts'
import type { Subscription } from './subscription.ts'
import { applyUpdate } from './update-mask.ts'
import type {
  PublishRequest,
  PubsubMessage,
  SubscriptionResource,
  TopicResource,
  UpdateRequest,
} from './wire.ts'

type Topic = { readonly resource: TopicResource; readonly subscriptions: Set<Subscription> }

const MUTABLE_TOPIC_FIELDS = {
  labels: 'labels',
  message_retention_duration: 'messageRetentionDuration',
  message_storage_policy: 'messageStoragePolicy',
}

/** The topics, and which subscriptions each message published on them goes to. */
export class Topics {
  readonly #topics = new Map<string, Topic>()
  readonly #journal: Journal
  /** Starts at the clock's microseconds: ids go on increasing when a server takes another's place. */
  #nextMessageId: number

  /** @param lastMessageId of the server before this one, if it left messages; the clock may have been set back. */
  constructor(journal: Journal, lastMessageId = 0) {
    this.#journal = journal
    this.#nextMessageId = Math.max(Date.now() * 1_000, lastMessageId + 1)
  }

  /** Takes over a topic of the server before this one. */
  restore(resource: TopicResource): void {
    this.#topics.set(resource.name, { resource, subscriptions: new Set() })
  }

  get all(): TopicResource[] {
    return [...this.#topics.values()].map(({ resource }) => resource)
  }

  create(asked: TopicResource): TopicResource {
    checkResourceName('topics', asked.name, 'name')
    const resource = topicSettings(asked)
    if (this.#topics.has(resource.name)) throw alreadyExists(`Topic already exists: ${resource.name}`)
    this.#topics.set(resource.name, { resource, subscriptions: new Set() })
    this.#journal.add({ kind: 'topic', resource })
    return resource
  }

  get(name: string): TopicResource {
    return this.#find(name).resource
  }

  /** Those of one project. */
  list(project: string): TopicResource[] {
    return this.all.filter(({ name }) => name.startsWith(`${project}/`))
  }

  update({ topic: update, updateMask }: UpdateRequest<'topic', TopicResource>): TopicResource {
    if (!update) throw invalidArgument('topic must be set')
    const { resource, subscriptions } = this.#find(update.name, 'topic.name')
    const changed = topicSettings(
      applyUpdate(resource, update, updateMask?.paths ?? [], MUTABLE_TOPIC_FIELDS),
    )
    this.#topics.set(resource.name, { resource: changed, subscriptions })
    this.#journal.add({ kind: 'topic', resource: changed })
    return changed
  }

  /** The topic's subscriptions keep what they have and receive nothing more. */
  delete(name: string): void {
    for (const subscription of this.#find(name).subscriptions) subscription.loseTopic()
    this.#topics.delete(name)
    this.#journal.add({ kind: 'topic-deleted', name })
  }

  attach(subscription: Subscription): void {
    this.#find(subscription.resource.topic).subscriptions.add(subscription)
  }

  detach(subscription: Subscription): void {
    this.#topics.get(subscription.resource.topic)?.subscriptions.delete(subscription)
  }

  /** The names of the subscriptions of a topic. */
  subscriptionsOf(name: string): string[] {
    return [...this.#find(name).subscriptions].map(({ resource }) => resource.name)
  }

  /** Returns the messages' ids, in the order of the request. */
  publish(request: PublishRequest): string[] {
    const topic = this.#find(request.topic)
    checkPublishRequest(request)
    return this.#publish(topic, request.messages)
  }

  /** Passes on a message that a subscription has given up on. False when its dead-letter topic is gone. */
  publishDeadLetter(message: PublishedMessage, source: SubscriptionResource, deliveries: number): boolean {
    const topic = this.#topics.get(source.deadLetterPolicy?.deadLetterTopic ?? '')
    if (!topic) return false
    const { project, id } = nameParts(source.name)
    const { data, orderingKey, publishTime } = message
    const attributes = {
      ...message.attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: String(deliveries),
      CloudPubSubDeadLetterSourceSubscription: id,
      CloudPubSubDeadLetterSourceSubscriptionProject: project,
      CloudPubSubDeadLetterSourceTopicPublishTime: new Date(
        publishTime.seconds * 1_000 + publishTime.nanos / 1e6,
      ).toISOString(),
    }
    this.#publish(topic, [{ data, attributes, orderingKey }])
    return true
  }

  #publish(topic: Topic, messages: readonly PubsubMessage[]): string[] {
    const nowMs = Date.now()
    const publishTime = { seconds: Math.floor(nowMs / 1_000), nanos: (nowMs % 1_000) * 1e6 }
    const published = messages.map((message): PublishedMessage => ({
      data: message.data,
      attributes: message.attributes,
      orderingKey: message.orderingKey,
      messageId: String(this.#nextMessageId++),
      publishTime,
      sizeBytes: messageBytes(message),
    }))
    const subscriptions = [...topic.subscriptions]
    if (subscriptions.length > 0) {
      const names = subscriptions.map(({ resource }) => resource.name)
      this.#journal.add({ kind: 'published', messages: published, subscriptions: names })
    }
    for (const subscription of subscriptions) subscription.add(published)
    return published.map(({ messageId }) => messageId)
  }

  #find(name: string, field = 'topic'): Topic {
    checkResourceName('topics', name, field)
    const topic = this.#topics.get(name)
    if (!topic) throw notFound(`Topic not found: ${name}`)
    return topic
  }
}

function topicSettings(asked: TopicResource): TopicResource {
  const unsupported = [
    asked.schemaSettings && 'schema_settings',
    asked.ingestionDataSourceSettings && 'ingestion_data_source_settings',
    asked.messageTransforms.length > 0 && 'message_transforms',
  ].find((field) => typeof field === 'string')
  if (unsupported !== undefined) throw unimplemented(`${unsupported} is not supported by this server`)
  checkRetention(asked.messageRetentionDuration)
  return { ...asked, state: 'ACTIVE' }
}
