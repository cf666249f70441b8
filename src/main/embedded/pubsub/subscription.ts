import { AckIds, checkAckIds } from './ack-ids.ts'
import { Backlog } from './backlog.ts'
import type { Consumer } from './consumer.ts'
import { DeadlineQueue } from './deadline-queue.ts'
import { deliveryOf, receivedMessage, type Delivery, type PublishedMessage } from './delivery.ts'
import type { Journal } from './journal.ts'
import { DELETED_TOPIC } from './resource-names.ts'
import { retryBackoffMs } from './retry-backoff.ts'
import type { StatusError } from './status-error.ts'
import type { ReceivedMessage, SubscriptionResource } from './wire.ts'

/** Publishes a message that was given up on; false where its topic does not exist. */
export type DeadLetterOffice = (
  message: PublishedMessage,
  source: { readonly resource: SubscriptionResource; readonly deliveries: number },
) => boolean

/** In one response; a few of these are buffered for a stream that reads slowly. */
const MAX_RESPONSE_MESSAGES = 500
const MAX_RESPONSE_BYTES = 1024 * 1024

/**
 * A subscription's messages from publication to acknowledgement. A message is leased to one consumer at a time; it
 * is delivered again when the consumer refuses it or the lease runs out, after the backoff of the retry policy if
 * there is one, and goes to the dead-letter topic once it has failed as often as the policy allows.
 */
export class Subscription {
  #resource: SubscriptionResource
  readonly #deadLetterOffice: DeadLetterOffice
  readonly #journal: Journal
  readonly #backlog: Backlog
  /** What is not settled, in order of publication. */
  readonly #kept = new Set<Delivery>()
  /** In order of service: who was served last is last. */
  readonly #consumers = new Set<Consumer>()
  readonly #byAckId = new Map<string, Delivery>()
  readonly #deadlines = new DeadlineQueue<Delivery>((due) => this.#pass(due))
  readonly #ackIds = new AckIds()
  #dispatch: NodeJS.Immediate | undefined

  constructor(resource: SubscriptionResource, deadLetterOffice: DeadLetterOffice, journal: Journal) {
    this.#resource = resource
    this.#deadLetterOffice = deadLetterOffice
    this.#journal = journal
    this.#backlog = new Backlog(resource.enableMessageOrdering)
  }

  get resource(): SubscriptionResource {
    return this.#resource
  }

  update(resource: SubscriptionResource): void {
    this.#resource = resource
    for (const consumer of this.#consumers) consumer.update()
  }

  loseTopic(): void {
    this.#resource = { ...this.#resource, topic: DELETED_TOPIC }
  }

  /** The messages that are not settled, in order of publication. */
  get kept(): PublishedMessage[] {
    return Array.from(this.#kept, ({ message }) => message)
  }

  /** Takes messages on. That they are in the journal is the caller's affair. */
  add(messages: readonly PublishedMessage[]): void {
    for (const message of messages) {
      const delivery = deliveryOf(message)
      this.#kept.add(delivery)
      this.#backlog.add(delivery)
    }
    this.#dispatchSoon()
  }

  connect(consumer: Consumer): void {
    this.#consumers.add(consumer)
    this.#dispatchSoon()
  }

  /** Nothing more is handed to the consumer. What it holds stays leased to it. */
  disconnect(consumer: Consumer): void {
    this.#consumers.delete(consumer)
  }

  /** Something has changed for a consumer: it may have room again. */
  wake(): void {
    this.#dispatchSoon()
  }

  /** Leases what waits, at most that many messages; the deadline is the subscription's. */
  pull(maxMessages: number): ReceivedMessage[] {
    const room = { messages: Math.min(maxMessages, MAX_RESPONSE_MESSAGES), bytes: MAX_RESPONSE_BYTES }
    const deliveries = this.#backlog.take(room)
    for (const delivery of deliveries) this.#lease(delivery, null)
    return this.received(deliveries)
  }

  /** Leased deliveries as they go to a consumer. */
  received(deliveries: readonly Delivery[]): ReceivedMessage[] {
    const tellsAttempt = this.#resource.deadLetterPolicy !== null
    return deliveries.map((delivery) => receivedMessage(delivery, tellsAttempt))
  }

  /** Returns the ids that did not count. Throws INVALID_ARGUMENT, and does nothing, for an id of no known form. */
  acknowledge(ackIds: readonly string[]): string[] {
    checkAckIds(ackIds)
    const settled: Delivery[] = []
    const stale = ackIds.filter((ackId) => {
      const delivery = this.#byAckId.get(ackId)
      if (!delivery || this.#isLate(delivery)) return true
      this.#drop(delivery)
      const isFinal = this.#resource.enableExactlyOnceDelivery
      settled.push(...(isFinal ? this.#backlog.remove(delivery) : this.#backlog.acknowledge(delivery)))
      return false
    })
    this.#settle(settled)
    return stale
  }

  /** A new deadline from now on; 0 refuses the message. Returns and throws as `acknowledge` does. */
  modifyDeadline(ackIds: readonly string[], seconds: number): string[] {
    checkAckIds(ackIds)
    return ackIds.filter((ackId) => {
      const delivery = this.#byAckId.get(ackId)
      if (delivery?.state !== 'leased') return true
      if (seconds > 0) this.#deadlines.schedule(delivery, seconds * 1_000)
      else this.#fail(delivery, { ackIdEnds: true })
      return false
    })
  }

  /** Ends every consumer and drops every message. */
  close(reason: StatusError): void {
    clearImmediate(this.#dispatch)
    this.#deadlines.stop()
    this.#byAckId.clear()
    const consumers = [...this.#consumers]
    this.#consumers.clear()
    for (const consumer of consumers) consumer.end(reason)
  }

  #dispatchSoon(): void {
    if (this.#consumers.size === 0 || this.#backlog.length === 0) return
    this.#dispatch ??= setImmediate(() => {
      this.#dispatch = undefined
      while (this.#dispatchRound());
    })
  }

  /** Shares what waits evenly among the consumers that have room. False when nothing could be handed out. */
  #dispatchRound(): boolean {
    const open = [...this.#consumers].filter((consumer) => isOpen(consumer))
    const share = Math.ceil(this.#backlog.length / open.length)
    let hasDelivered = false
    for (const consumer of open) {
      const { messages, bytes } = consumer.room()
      const deliveries = this.#backlog.take({
        messages: Math.min(share, messages, MAX_RESPONSE_MESSAGES),
        bytes: Math.min(bytes, MAX_RESPONSE_BYTES),
      })
      if (deliveries.length === 0) break
      for (const delivery of deliveries) this.#lease(delivery, consumer)
      this.#consumers.delete(consumer)
      this.#consumers.add(consumer)
      consumer.deliver(deliveries)
      hasDelivered = true
    }
    return hasDelivered
  }

  #lease(delivery: Delivery, consumer: Consumer | null): void {
    this.#byAckId.delete(delivery.ackId)
    delivery.ackId = this.#ackIds.next()
    this.#byAckId.set(delivery.ackId, delivery)
    delivery.state = 'leased'
    delivery.holder = consumer
    this.#deadlines.schedule(delivery, consumer?.ackDeadlineMs ?? this.#resource.ackDeadlineSeconds * 1_000)
  }

  #pass(due: readonly Delivery[]): void {
    for (const delivery of due) {
      if (delivery.state === 'leased') this.#fail(delivery, { ackIdEnds: false })
      else if (delivery.state === 'delayed') this.#giveBack(delivery)
    }
  }

  #fail(delivery: Delivery, { ackIdEnds }: { readonly ackIdEnds: boolean }): void {
    delivery.failures++
    this.#endLease(delivery, ackIdEnds)
    if (this.#sendDeadLetter(delivery)) {
      this.#drop(delivery)
      this.#settle(this.#backlog.remove(delivery))
      return
    }
    const backoffMs = retryBackoffMs(this.#resource.retryPolicy, delivery.failures)
    delivery.state = 'delayed'
    for (const later of this.#backlog.fail(delivery)) {
      this.#endLease(later, true)
      later.state = 'ready'
    }
    if (backoffMs > 0) this.#deadlines.schedule(delivery, backoffMs)
    else this.#giveBack(delivery)
    this.#dispatchSoon()
  }

  #giveBack(delivery: Delivery): void {
    delivery.state = 'ready'
    this.#backlog.giveBack(delivery)
    this.#dispatchSoon()
  }

  #endLease(delivery: Delivery, ackIdEnds: boolean): void {
    this.#deadlines.cancel(delivery)
    delivery.holder?.release(delivery.message)
    delivery.holder = null
    if (ackIdEnds) this.#byAckId.delete(delivery.ackId)
  }

  #drop(delivery: Delivery): void {
    this.#endLease(delivery, true)
    delivery.state = 'gone'
    this.#dispatchSoon()
  }

  #settle(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return
    for (const delivery of deliveries) this.#kept.delete(delivery)
    const messageIds = deliveries.map(({ message }) => message.messageId)
    this.#journal.add({ kind: 'settled', subscription: this.#resource.name, messageIds })
  }

  /**
   * Whether an acknowledgement comes too late. Pub/Sub promises nothing after the deadline, but takes it as long as
   * the message has not been delivered again; with exactly-once delivery it is strict.
   */
  #isLate(delivery: Delivery): boolean {
    return delivery.state !== 'leased' && this.#resource.enableExactlyOnceDelivery
  }

  /** Passes on what has failed too often. False where it stays here. */
  #sendDeadLetter(delivery: Delivery): boolean {
    const policy = this.#resource.deadLetterPolicy
    if (!policy || delivery.failures < policy.maxDeliveryAttempts) return false
    return this.#deadLetterOffice(delivery.message, {
      resource: this.#resource,
      deliveries: delivery.failures,
    })
  }
}

function isOpen(consumer: Consumer): boolean {
  const { messages, bytes } = consumer.room()
  return messages > 0 && bytes > 0
}
