import type { PublishedMessage } from './delivery.ts'
import type { Journal } from './journal.ts'
import { checkResourceName, DELETED_TOPIC } from './resource-names.ts'
import { alreadyExists, invalidArgument, notFound, type StatusError } from './status-error.ts'
import { MUTABLE_SUBSCRIPTION_FIELDS, subscriptionSettings } from './subscription-settings.ts'
import { Subscription } from './subscription.ts'
import type { Topics } from './topics.ts'
import { applyUpdate } from './update-mask.ts'
import type { SubscriptionResource, UpdateRequest } from './wire.ts'

/** The subscriptions by name. */
export class Subscriptions {
  readonly #topics: Topics
  readonly #journal: Journal
  readonly #subscriptions = new Map<string, Subscription>()
  #closed: StatusError | undefined

  constructor(topics: Topics, journal: Journal) {
    this.#topics = topics
    this.#journal = journal
  }

  /** Takes over a subscription of the server before this one, with what was not settled. */
  restore(resource: SubscriptionResource, messages: readonly PublishedMessage[]): void {
    const subscription = this.#open(resource)
    if (resource.topic !== DELETED_TOPIC) this.#topics.attach(subscription)
    subscription.add(messages)
  }

  get all(): Subscription[] {
    return [...this.#subscriptions.values()]
  }

  create(asked: SubscriptionResource): SubscriptionResource {
    const resource = subscriptionSettings(asked)
    if (this.#subscriptions.has(resource.name)) {
      throw alreadyExists(`Subscription already exists: ${resource.name}`)
    }
    this.#checkDeadLetterTopic(resource)
    this.#topics.get(resource.topic)
    this.#topics.attach(this.#open(resource))
    this.#journal.add({ kind: 'subscription', resource })
    return resource
  }

  get(name: string, field = 'subscription'): Subscription {
    checkResourceName('subscriptions', name, field)
    if (this.#closed) throw this.#closed
    const subscription = this.#subscriptions.get(name)
    if (!subscription) throw notFound(`Subscription does not exist: ${name}`)
    return subscription
  }

  /** Those of one project. */
  list(project: string): SubscriptionResource[] {
    return this.all.map(({ resource }) => resource).filter(({ name }) => name.startsWith(`${project}/`))
  }

  update({
    subscription: update,
    updateMask,
  }: UpdateRequest<'subscription', SubscriptionResource>): SubscriptionResource {
    if (!update) throw invalidArgument('subscription must be set')
    const subscription = this.get(update.name, 'subscription.name')
    const resource = subscriptionSettings(
      applyUpdate(subscription.resource, update, updateMask?.paths ?? [], MUTABLE_SUBSCRIPTION_FIELDS),
    )
    if (updateMask?.paths.includes('dead_letter_policy')) this.#checkDeadLetterTopic(resource)
    subscription.update(resource)
    this.#journal.add({ kind: 'subscription', resource })
    return resource
  }

  /** Drops the subscription's messages and ends its streams. */
  delete(name: string): void {
    const subscription = this.get(name)
    this.#topics.detach(subscription)
    this.#subscriptions.delete(name)
    this.#journal.add({ kind: 'subscription-deleted', name })
    subscription.close(notFound(`Subscription does not exist: ${name}`))
  }

  /** Ends every stream and waiting pull, and all timers. Calls that are still on their way get the reason, too. */
  close(reason: StatusError): void {
    this.#closed = reason
    for (const subscription of this.#subscriptions.values()) subscription.close(reason)
  }

  #open(resource: SubscriptionResource): Subscription {
    const subscription = new Subscription(
      resource,
      (message, { resource: source, deliveries }) =>
        this.#topics.publishDeadLetter(message, source, deliveries),
      this.#journal,
    )
    this.#subscriptions.set(resource.name, subscription)
    return subscription
  }

  #checkDeadLetterTopic({ deadLetterPolicy }: SubscriptionResource): void {
    if (deadLetterPolicy) this.#topics.get(deadLetterPolicy.deadLetterTopic)
  }
}
