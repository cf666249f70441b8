import type { Pool } from 'pg'
import type { FailureCategory } from '../../processors/failure.ts'
import { inTransaction } from '../database/pool.ts'

export const TASK_STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'] as const
export type TaskStatus = (typeof TASK_STATUSES)[number]

/** A task as an operator sees it in a list: nothing of what its user asked for. */
export type ListedTask = {
  readonly id: string
  readonly type: string
  readonly status: TaskStatus
  readonly attempt: number
  readonly errorCode: string | null
  readonly createdAt: Date
  /** When it was last claimed, ended or set back. */
  readonly updatedAt: Date
  /** Who has it; null where nobody does. */
  readonly worker: string | null
}

/** What tasks are looked for; null stands for any. */
export type TaskSearch = {
  readonly statuses: readonly TaskStatus[]
  readonly errorCode: FailureCategory | null
  readonly type: string | null
  /** Only those whose last change is not older. */
  readonly changedWithinMs: number | null
  readonly limit: number
}

export type FoundTasks = {
  /** The one that changed last comes first. */
  readonly tasks: readonly ListedTask[]
  /** There are tasks that were not looked at, because they changed longer ago than {@link MAX_LOOKED_AT} others. */
  readonly isCut: boolean
}

/** Of each state; a search costs no more, however large the table is. */
export const MAX_LOOKED_AT = 5_000
/** Of completed tasks by their stages, of which each has about two dozen. */
const MAX_STAGES_LOOKED_AT = 30_000

const COLUMNS = `tasks.id, type, status, attempt, error_code AS "errorCode", created_at AS "createdAt",
  updated_at AS "updatedAt", CASE status WHEN 'processing' THEN claimed_by END AS worker`

const newest = (condition: string, key: string) =>
  `SELECT ${COLUMNS} FROM tasks WHERE ${condition} ORDER BY ${key} DESC LIMIT ${MAX_LOOKED_AT}`

/**
 * Where the tasks of each state are found, those that changed last first, or nearly so: a waiting retry changed up to some
 * minutes before it is due. Each reads an index that holds nothing else from its newest entry and stops at the bound: none
 * reads through the table, which is in no order of time. Completed tasks are the bulk of it and in no index of this kind,
 * which every task would have to pay for; their stages are written in the transaction that completes them, and stand in
 * the order in which that happened.
 */
const SOURCES: Readonly<Record<TaskStatus, readonly string[]>> = {
  pending: [
    newest(`status = 'pending' AND request IS NOT NULL`, 'run_at'),
    newest(`status = 'pending' AND request IS NULL`, 'run_at'),
  ],
  processing: [newest(`status = 'processing'`, 'lease_expires_at')],
  completed: [
    `SELECT task.* FROM (
       SELECT DISTINCT task_id FROM (
         SELECT task_id FROM stage_timings ORDER BY id DESC LIMIT ${MAX_STAGES_LOOKED_AT}) AS newest) AS timed
     CROSS JOIN LATERAL (SELECT ${COLUMNS} FROM tasks WHERE tasks.id = timed.task_id LIMIT 1) AS task
     WHERE task.status = 'completed'`,
  ],
  failed: [newest(`status = 'failed'`, 'updated_at')],
  cancelled: [newest(`status = 'cancelled'`, 'updated_at')],
}

/** Finds the tasks that changed last among those that fit. */
export async function findTasks(
  pool: Pool,
  { statuses, errorCode, type, changedWithinMs, limit }: TaskSearch,
): Promise<FoundTasks> {
  const values = [errorCode, type, changedWithinMs, limit]
  const { rows } = await inTransaction(pool, async (client) => {
    // Where the table was never analysed, as after a restore, an index would be read through and sorted.
    await client.query('SET LOCAL enable_bitmapscan = off')
    return client.query<FoundRow>(searchStatement(statuses), values)
  })
  return { tasks: rows.flatMap(listedTask), isCut: rows[0]!.isCut }
}

/** One without a task comes where none is found. */
type FoundRow = { readonly isCut: boolean } & (ListedTask | { readonly id: null })

function listedTask(row: FoundRow): ListedTask[] {
  if (row.id === null) return []
  const { id, type, status, attempt, errorCode, createdAt, updatedAt, worker } = row
  return [{ id, type, status, attempt, errorCode, createdAt, updatedAt, worker }]
}

function searchStatement(statuses: readonly TaskStatus[]): string {
  const sources = statuses.flatMap((status) => SOURCES[status])
  const manyStages = statuses.includes('completed')
    ? `EXISTS (SELECT FROM stage_timings ORDER BY id DESC OFFSET ${MAX_STAGES_LOOKED_AT - 1} LIMIT 1)`
    : 'false'
  return `
    WITH seen AS MATERIALIZED (
      ${sources.map((source, i) => `SELECT ${i} AS source, * FROM (${source}) AS source_${i}`).join('\nUNION ALL\n')}),
    found AS (
      SELECT * FROM seen
      WHERE ($1::text IS NULL OR "errorCode" = $1) AND ($2::text IS NULL OR type = $2)
        AND ($3::float8 IS NULL OR "updatedAt" >= now() - $3::float8 * interval '1 millisecond')
      ORDER BY "updatedAt" DESC, id LIMIT $4)
    SELECT found.id, type, status, attempt, "errorCode", "createdAt", "updatedAt", worker, "isCut"
    FROM (SELECT ${manyStages} OR EXISTS (
            SELECT FROM seen GROUP BY source HAVING count(*) >= ${MAX_LOOKED_AT}) AS "isCut") AS looked
    LEFT JOIN found ON true ORDER BY "updatedAt" DESC, id`
}
