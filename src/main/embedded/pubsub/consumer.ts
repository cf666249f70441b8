import type { Delivery } from './delivery.ts'
import type { StatusError } from './status-error.ts'

/** How much may be handed out; bytes may be exceeded by the last message. */
export type Room = { readonly messages: number; readonly bytes: number }

/** What a subscription hands messages to: a stream, or a pull that waits. */
export interface Consumer {
  readonly ackDeadlineMs: number
  room(): Room
  /** The deliveries are leased to this consumer. */
  deliver(deliveries: readonly Delivery[]): void
  /** The consumer no longer holds the delivery: it was acknowledged or refused, or its lease ran out. */
  release(delivery: Delivery): void
  /** The subscription's settings have changed. */
  update(): void
  /** Nothing more will come. */
  end(reason: StatusError): void
}
