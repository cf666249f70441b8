import { randomBytes } from 'node:crypto'
import { invalidArgument } from './status-error.ts'

const ACK_ID = /^[0-9a-f]{16}-[0-9a-z]+$/

/** The ids of a subscription's leases. Those of another subscription, or of a server before this one, never match. */
export class AckIds {
  readonly #prefix = randomBytes(8).toString('hex')
  #made = 0

  next(): string {
    return `${this.#prefix}-${(this.#made++).toString(36)}`
  }
}

/** Throws INVALID_ARGUMENT for an id of no known form. */
export function checkAckIds(ackIds: readonly string[]): void {
  const malformed = ackIds.find((ackId) => !ACK_ID.test(ackId))
  if (malformed !== undefined) throw invalidArgument(`Invalid ack id (ack_id=${malformed.slice(0, 100)})`)
}
