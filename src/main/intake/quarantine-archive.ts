import type { Pool } from 'pg'

/** A message in quarantine, as an operator sees it in a list. */
export type QuarantinedMessage = {
  /** Of the row. The broker's own id may come again where an emulator was started again. */
  readonly id: string
  readonly messageId: string
  readonly reason: string
  readonly sizeBytes: number
  /** Less than `sizeBytes` where only the beginning was kept. */
  readonly keptBytes: number
  readonly publishedAt: Date
  readonly quarantinedAt: Date
  /** When it was last published anew. */
  readonly replayedAt: Date | null
}

export type QuarantinedContent = QuarantinedMessage & {
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
}

const COLUMNS = `id, message_id AS "messageId", reason, size_bytes AS "sizeBytes", octet_length(data) AS "keptBytes",
  published_at AS "publishedAt", created_at AS "quarantinedAt", replayed_at AS "replayedAt"`

/** The rows of `quarantined_messages` for those who look after them; the worker itself only adds to them. */
export class QuarantineArchive {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** The newest first. */
  async list(limit: number): Promise<QuarantinedMessage[]> {
    const { rows } = await this.#pool.query<QuarantinedMessage>(
      `SELECT ${COLUMNS} FROM quarantined_messages ORDER BY id DESC LIMIT $1`,
      [limit],
    )
    return rows
  }

  async find(id: string): Promise<QuarantinedContent | undefined> {
    const { rows } = await this.#pool.query<QuarantinedContent>(
      `SELECT ${COLUMNS}, data, attributes FROM quarantined_messages WHERE id = $1`,
      [id],
    )
    return rows[0]
  }

  /**
   * The ids of all messages that were never replayed, the oldest first. What comes later is not among them: a message
   * that is published anew and is no better than before comes back as another row.
   */
  async unreplayed(): Promise<string[]> {
    const { rows } = await this.#pool.query<{ id: string }>(
      'SELECT id FROM quarantined_messages WHERE replayed_at IS NULL ORDER BY id',
    )
    return rows.map(({ id }) => id)
  }

  /** Removes messages for good, and answers the ids of those that were there. */
  async discard(ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.#pool.query<{ id: string }>(
      'DELETE FROM quarantined_messages WHERE id = ANY ($1::bigint[]) RETURNING id',
      [ids],
    )
    return rows.map(({ id }) => id)
  }

  async markReplayed(id: string): Promise<void> {
    await this.#pool.query('UPDATE quarantined_messages SET replayed_at = now() WHERE id = $1', [id])
  }
}
