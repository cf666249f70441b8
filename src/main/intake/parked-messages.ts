import type { Pool } from 'pg'
import { databaseFailure } from '../database/failure.ts'
import { MAX_KEPT_BYTES, storableAttributes, type ReceivedMessage } from './quarantine.ts'

export type ParkedMessage = ReceivedMessage & {
  /** Of the row, which a message's own id is not. */
  readonly parkedId: string
}

export type ParkingTimes = {
  /** How long a task's row is waited for. */
  readonly patienceMs: number
  /** Before the first look; the pauses between looks grow from there with the message's age. */
  readonly firstLookMs: number
  readonly maxLookMs: number
  /** How long a message that was handed over for running is left alone. */
  readonly runMs: number
}

type DueRow = {
  id: string
  message_id: string
  data: Buffer
  attributes: Record<string, string>
  published_at: Date
}

/**
 * The rows of `parked_messages`. Nothing here touches a task: a parked message that is handed over goes through the
 * same claim as one that comes from the broker, and so do its owner and its type.
 */
export class ParkedMessages {
  readonly #pool: Pool
  readonly #times: ParkingTimes

  constructor(pool: Pool, times: ParkingTimes) {
    this.#pool = pool
    this.#times = times
  }

  /** Keeps a message once, however often it is delivered. */
  async park(message: ReceivedMessage, taskId: string): Promise<void> {
    await this.#query({
      name: 'park-message',
      text: `INSERT INTO parked_messages
               (message_id, task_id, data, attributes, published_at, look_at, give_up_at)
             VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond', now() + $7 * interval '1 millisecond')
             ON CONFLICT (message_id, published_at) DO NOTHING`,
      values: [
        message.id,
        taskId,
        Buffer.from(message.data),
        storableAttributes(message.attributes),
        message.publishedAt,
        this.#times.firstLookMs,
        this.#times.patienceMs,
      ],
    })
  }

  /**
   * Looks at up to `limit` messages whose time has come; answers those whose task is there now, and how many were
   * looked at.
   *
   * Of any number of workers one looks at a message: a row that another has locked is passed over, and the lock looks
   * at the row as it is then, so one that another has just moved on is no longer due. The statement costs as much as
   * the messages that are due, not as those that wait, and the workers share that. A message that was handed over
   * stays until it is removed: should its worker die, it is due again after `runMs`.
   */
  async takeVisible(limit: number): Promise<{ visible: ParkedMessage[]; looked: number }> {
    const { maxLookMs, firstLookMs, runMs } = this.#times
    const rows = await this.#query<DueRow & { visible: boolean }>({
      name: 'look-at-parked-messages',
      text: `WITH due AS MATERIALIZED (
               SELECT id, EXISTS (SELECT FROM tasks WHERE tasks.id = task_id) AS visible
               FROM parked_messages WHERE look_at <= now() ORDER BY look_at LIMIT $1
               FOR UPDATE SKIP LOCKED)
             UPDATE parked_messages p
             SET look_at = now() + CASE WHEN visible THEN $2 * interval '1 millisecond'
                                   ELSE least(greatest(now() - parked_at, $3 * interval '1 millisecond'),
                                              $4 * interval '1 millisecond') END
             FROM due WHERE p.id = due.id
             RETURNING p.id, visible, message_id, CASE WHEN visible THEN data END AS data, attributes, published_at`,
      values: [limit, runMs, firstLookMs, maxLookMs],
    })
    const visible = rows
      .filter((row) => row.visible)
      .map((row) => ({
        parkedId: row.id,
        id: row.message_id,
        data: row.data,
        attributes: row.attributes,
        publishedAt: row.published_at,
      }))
    return { visible, looked: rows.length }
  }

  /** The message's task has been seen to. */
  async remove({ parkedId }: ParkedMessage): Promise<void> {
    await this.#query({
      name: 'remove-parked-message',
      text: 'DELETE FROM parked_messages WHERE id = $1',
      values: [parkedId],
    })
  }

  /**
   * Moves up to `limit` messages whose task did not come in time into quarantine; answers their ids. One statement:
   * they are in the one table or in the other, and of any number of workers one moves each.
   */
  async giveUp(limit: number, reason: string): Promise<string[]> {
    const rows = await this.#query<{ message_id: string }>({
      name: 'give-up-parked-messages',
      text: `WITH missing AS MATERIALIZED (
               SELECT id FROM parked_messages
               WHERE give_up_at <= now() AND NOT EXISTS (SELECT FROM tasks WHERE tasks.id = task_id)
               ORDER BY give_up_at LIMIT $1 FOR UPDATE SKIP LOCKED),
             given_up AS (
               DELETE FROM parked_messages p USING missing WHERE p.id = missing.id RETURNING p.*),
             kept AS (
               INSERT INTO quarantined_messages (message_id, reason, data, size_bytes, attributes, published_at)
               SELECT message_id, $2, substring(data FROM 1 FOR $3), octet_length(data), attributes, published_at
               FROM given_up ON CONFLICT (message_id, published_at) DO NOTHING)
             SELECT message_id FROM given_up`,
      values: [limit, reason, MAX_KEPT_BYTES],
    })
    return rows.map((row) => row.message_id)
  }

  async #query<Row extends object>(query: { name: string; text: string; values: unknown[] }): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(query)).rows
    } catch (error) {
      throw databaseFailure(error)
    }
  }
}
