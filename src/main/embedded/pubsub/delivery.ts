import type { Scheduled } from './deadline-queue.ts'
import type { PubsubMessage, ReceivedMessage, Timestamp } from './wire.ts'

/** A message as its topic holds it, shared by the topic's subscriptions. */
export type PublishedMessage = PubsubMessage & {
  readonly messageId: string
  readonly publishTime: Timestamp
  readonly sizeBytes: number
}

/** Whom a message is leased to. */
export interface LeaseHolder {
  /** It no longer holds the message, which was acknowledged or refused, or whose lease ran out. */
  release(message: PublishedMessage): void
}

/** One message on its way through one subscription. */
export interface Delivery extends Scheduled {
  readonly message: PublishedMessage
  /**
   * ready: waits for a consumer. leased: a consumer has it until the due time. delayed: waits for the due time of
   * its retry. gone: acknowledged or dead-lettered.
   */
  state: 'ready' | 'leased' | 'delayed' | 'gone'
  /** How often it was refused or its lease ran out. */
  failures: number
  /** Of the latest lease; it outlives the lease when that ran out. Empty where none counts. */
  ackId: string
  /** Null for one that was handed out by a pull. */
  holder: LeaseHolder | null
}

export function deliveryOf(message: PublishedMessage): Delivery {
  return { message, state: 'ready', failures: 0, ackId: '', holder: null, dueAtMs: 0, slot: -1 }
}

/** What a consumer sees of a leased delivery. The attempt counts from 1; it is 0 where it is not told. */
export function receivedMessage(delivery: Delivery, tellsAttempt: boolean): ReceivedMessage {
  return {
    ackId: delivery.ackId,
    message: delivery.message,
    deliveryAttempt: tellsAttempt ? delivery.failures + 1 : 0,
  }
}
