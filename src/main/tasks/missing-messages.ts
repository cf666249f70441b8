import type { Pool } from 'pg'
import type { TaskLog } from '../../processors/services.ts'
import { HAS_REQUEST } from './stored-request.ts'

export type MissingMessagesOptions = {
  readonly periodMs: number
  /** How long a task may wait for its message before it is told of. */
  readonly graceMs: number
}

/** Tasks looked at, the oldest: those that can be run without their message do not stay among them. */
const MAX_LOOKED_AT = 1_000

type MissingRow = { tasks: number; oldest: string; since: Date }

/**
 * Tells of tasks that have waited long for their message and cannot be run without it, because their row does not hold
 * what they ask for. They stay as they are: the message may still be in a backlog, or be kept by the broker for days,
 * and only an operator knows. Publishing it again or cancelling the task ends the wait.
 */
export class MissingMessages {
  readonly #pool: Pool
  readonly #options: MissingMessagesOptions
  readonly #log: TaskLog
  #timer: NodeJS.Timeout | undefined
  #look: Promise<void> | undefined

  constructor(pool: Pool, options: MissingMessagesOptions, log: TaskLog) {
    this.#pool = pool
    this.#options = options
    this.#log = log
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#look ??= this.#lookOnce().finally(() => (this.#look = undefined))
    }, this.#options.periodMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#look
  }

  async #lookOnce(): Promise<void> {
    try {
      const { rows } = await this.#pool.query<MissingRow>({
        name: 'missing-messages',
        text: `SELECT count(*)::int AS tasks, (array_agg(id ORDER BY run_at))[1] AS oldest, min(run_at) AS since
               FROM (
                 SELECT id, run_at, type, metadata FROM tasks
                 WHERE status = 'pending' AND request IS NULL
                   AND run_at <= now() - $1::float8 * interval '1 millisecond'
                 ORDER BY run_at LIMIT ${MAX_LOOKED_AT}) AS waiting
               WHERE ${HAS_REQUEST} IS NOT TRUE
               HAVING count(*) > 0`,
        values: [this.#options.graceMs],
      })
      const [missing] = rows
      if (missing) this.#log.warn(missing, 'tasks wait for a message: publish it again, or cancel them')
    } catch (error) {
      this.#log.warn({ err: error }, 'tasks without a message could not be looked for')
    }
  }
}
