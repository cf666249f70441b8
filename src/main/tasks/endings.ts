import type { Pool } from 'pg'
import type { StageTiming } from '../../processors/stage-clock.ts'
import { Columns } from '../database/columns.ts'
import { BUSY, StatementBatch } from '../database/statement-batch.ts'
import { extendedHistory } from './attempt-history.ts'
import { insertTimings, timingParameters } from './stage-timings.ts'

/** The end of an attempt without a result. */
export type Ending = {
  readonly taskId: string
  readonly epoch: string
  readonly attempt: number
  readonly outcome: 'failed' | 'retried' | 'released'
  /** Null where the attempt was released. */
  readonly code: string | null
  readonly message: string | null
  /** From now until the task is due again. */
  readonly afterMs: number
  readonly timings: readonly StageTiming[]
}

/** `earlier`: the claim is no longer in force, but was ended by this worker, or by whoever changed the row by hand. */
export type Written = 'written' | 'earlier' | 'lost'

const ENDINGS = new Columns<Ending>({
  task: ['uuid', ({ taskId }) => taskId],
  epoch: ['bigint', ({ epoch }) => epoch],
  outcome: ['text', ({ outcome }) => outcome],
  code: ['text', ({ code }) => code],
  message: ['text', ({ message }) => message],
  after: ['float8', ({ afterMs }) => afterMs],
})

type EndRow = { written: boolean; status: string | null }

/** The statement that ends attempts without a result. Ends that come together are one statement. */
export class Endings {
  readonly #pool: Pool
  readonly #batch: StatementBatch<Ending, Written>

  constructor(pool: Pool) {
    this.#pool = pool
    this.#batch = new StatementBatch<Ending, Written>({
      keyOf: ({ taskId }) => taskId,
      sendMany: async (endings) =>
        (await this.#end('end-attempts', END_FREE, endings)).map((row) =>
          !row.written && row.status === 'processing' ? BUSY : writtenOf(row),
        ),
      sendOne: async (ending) => {
        const [row] = await this.#end('end-attempt', END_WAITING, [ending])
        return row ? writtenOf(row) : 'lost'
      },
    })
  }

  /** Writes the end with its timings, or, where the claim is lost, nothing. */
  end(ending: Ending): Promise<Written> {
    return this.#batch.run(ending)
  }

  async #end(name: string, text: string, endings: readonly Ending[]): Promise<EndRow[]> {
    const values = [...ENDINGS.values(endings), ...timingParameters(endings)]
    return (await this.#pool.query<EndRow>({ name, text, values })).rows
  }
}

/** What became of a claim, by the state of the row under its epoch; null where the epoch is another one. */
export function writtenOf({ written, status }: EndRow): Written {
  if (written) return 'written'
  return status === null || status === 'processing' || status === 'cancelled' ? 'lost' : 'earlier'
}

/**
 * The fence is the epoch: the row's lock keeps every other claim out until the commit, and a claim that is lost finds
 * no row. The rows are found one by one through their primary key. Their state is looked at afterwards: together with the
 * id it would lead the planner to the index of all that are held, and make it read that through for each one.
 */
const endStatement = (lock: string) => `
  WITH ending AS MATERIALIZED (${ENDINGS.select(1)}),
  found AS MATERIALIZED (
    SELECT ending.*, row.status FROM ending CROSS JOIN LATERAL (
      SELECT status FROM tasks WHERE tasks.id = ending.task AND claim_epoch = ending.epoch
      ${lock}) AS row),
  held AS (SELECT * FROM found WHERE status = 'processing'),
  ended AS (
    UPDATE tasks SET
      status = CASE outcome WHEN 'failed' THEN 'failed' ELSE 'pending' END,
      attempt = tasks.attempt - CASE outcome WHEN 'released' THEN 1 ELSE 0 END,
      error_code = coalesce(code, tasks.error_code), error_message = coalesce(message, tasks.error_message),
      run_at = CASE outcome WHEN 'failed' THEN tasks.run_at ELSE now() + after * interval '1 millisecond' END,
      completed_at = CASE outcome WHEN 'failed' THEN now() END,
      attempt_history = ${extendedHistory({ outcome: 'outcome', code: 'code', message: 'message' })},
      claimed_by = NULL, lease_expires_at = NULL, updated_at = now()
    FROM held WHERE tasks.id = held.task
    RETURNING held.task),
  timed AS (${insertTimings(1 + ENDINGS.count, 'ended')})
  SELECT ended.task IS NOT NULL AS written, seen.status
  FROM ending LEFT JOIN ended USING (task)
  LEFT JOIN LATERAL (
    SELECT status FROM tasks
    WHERE ended.task IS NULL AND tasks.id = ending.task AND claim_epoch = epoch LIMIT 1) AS seen ON true
  ORDER BY ending.place`

const END_FREE = endStatement('FOR NO KEY UPDATE SKIP LOCKED')
const END_WAITING = endStatement('FOR NO KEY UPDATE')
