import type { Pool } from 'pg'
import { databaseFailure } from '../database/failure.ts'

/** Of a larger message only the beginning is kept. */
export const MAX_KEPT_BYTES = 65_536

/** A message as the broker delivered it. */
export type ReceivedMessage = {
  readonly id: string
  readonly data: Uint8Array
  readonly attributes: Readonly<Record<string, string>>
  readonly publishedAt: Date
}

/** Keeps messages that no task can be found for, with the reason, until an operator looks at them. */
export class Quarantine {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Keeps the message once, however often it is delivered. */
  async keep(message: ReceivedMessage, reason: string): Promise<void> {
    try {
      await this.#pool.query({
        name: 'quarantine-message',
        text: `INSERT INTO quarantined_messages
                 (message_id, reason, data, size_bytes, attributes, published_at)
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (message_id, published_at) DO NOTHING`,
        values: [
          message.id,
          reason,
          Buffer.from(message.data.subarray(0, MAX_KEPT_BYTES)),
          message.data.byteLength,
          storableAttributes(message.attributes),
          message.publishedAt,
        ],
      })
    } catch (error) {
      throw databaseFailure(error)
    }
  }
}

/** As JSON; jsonb refuses NUL. */
export function storableAttributes(attributes: Readonly<Record<string, string>>): string {
  const clean = (text: string) => text.toWellFormed().replaceAll('\0', '')
  return JSON.stringify(
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [clean(name), clean(value)])),
  )
}
