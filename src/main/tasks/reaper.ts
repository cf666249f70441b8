import type { Pool } from 'pg'
import type { TaskLog } from '../../processors/services.ts'
import type { TaskReference } from '../../processors/task.ts'
import { referenceFrom } from './stored-request.ts'

const PERIOD_MS = 2_000

type DueRow = { id: string; user_id: string; request: Record<string, unknown> }

/**
 * Finds tasks that were started once, are due again and are held by nobody: their retry time has come, their
 * worker was stopped, or it died and its lease ran out. It only looks; the claim decides, so any number of
 * reapers may look at once.
 */
export class Reaper {
  readonly #pool: Pool
  readonly #freeSlots: () => number
  readonly #onDue: (reference: TaskReference) => void
  readonly #log: TaskLog
  #timer: NodeJS.Timeout | undefined
  /** The sweep under way; while one waits for its answer no other is started. */
  #sweep: Promise<void> | undefined

  /** `onDue` starts the task; at most `freeSlots()` are handed over in one sweep. */
  constructor(pool: Pool, freeSlots: () => number, onDue: (reference: TaskReference) => void, log: TaskLog) {
    this.#pool = pool
    this.#freeSlots = freeSlots
    this.#onDue = onDue
    this.#log = log
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#sweep ??= this.#sweepOnce().finally(() => (this.#sweep = undefined))
    }, PERIOD_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#sweep
  }

  async #sweepOnce(): Promise<void> {
    const limit = this.#freeSlots()
    if (limit <= 0) return
    try {
      const { rows } = await this.#pool.query<DueRow>({
        name: 'due-tasks',
        text: `(SELECT id, user_id, request FROM tasks
                WHERE status = 'pending' AND run_at <= now() AND request IS NOT NULL
                ORDER BY run_at LIMIT $1)
               UNION ALL
               (SELECT id, user_id, request FROM tasks
                WHERE status = 'processing' AND lease_expires_at < now() AND request IS NOT NULL
                ORDER BY lease_expires_at LIMIT $1)
               LIMIT $1`,
        values: [limit],
      })
      for (const row of rows) this.#onDue(referenceFrom(row.id, row.user_id, row.request))
    } catch (error) {
      this.#log.warn({ err: error }, 'due tasks could not be looked for')
    }
  }
}
