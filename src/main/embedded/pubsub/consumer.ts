import type { Delivery, LeaseHolder } from './delivery.ts'
import type { StatusError } from './status-error.ts'

/** How much may be handed out; bytes may be exceeded by the last message. */
export type Room = { readonly messages: number; readonly bytes: number }

/** What a subscription hands messages to: a stream, or a pull that waits. */
export interface Consumer extends LeaseHolder {
  readonly ackDeadlineMs: number
  room(): Room
  /** The deliveries are leased to this consumer. */
  deliver(deliveries: readonly Delivery[]): void
  /** The subscription's settings have changed. */
  update(): void
  /** Nothing more will come. */
  end(reason: StatusError): void
}
