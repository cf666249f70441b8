import type { Pool } from 'pg'
import { TASK_TYPES, type TaskReference, type Unclaimable } from '../../processors/task.ts'
import { Columns } from '../database/columns.ts'
import { BUSY, StatementBatch } from '../database/statement-batch.ts'
import { earlierFailures, extendedHistory, type PastAttempt } from './attempt-history.ts'
import {
  HAS_REQUEST,
  referenceFrom,
  requestOfMetadata,
  STORED_FIELDS,
  storedRequest,
} from './stored-request.ts'

export type ClaimOptions = { readonly workerId: string; readonly leaseMs: number }

/** A claim that was made, before anybody keeps its lease. */
export type MadeClaim = {
  readonly type: string
  readonly epoch: string
  readonly attempt: number
  /** The number of the last attempt that does not count: the task was reopened after it. 0 where it never was. */
  readonly attemptsBefore: number
  /** The error codes of those that count and were tried again. */
  readonly earlierFailures: readonly string[]
}

/** A claim of a task that was found to be due, with what was asked for. */
export type DueClaim = MadeClaim & { readonly reference: TaskReference }

/** What due tasks are looked for. */
export type DueSearch = {
  readonly limit: number
  readonly overdueMs: number
  readonly graceMs: number
  /** Ids of tasks. */
  readonly except: readonly string[]
  readonly exceptTypes: readonly string[]
}

/** `again`: an earlier claim of the same task by this worker brought no answer, but may have been made. */
type Asked = { readonly reference: TaskReference; readonly again: boolean }

type MadeRow = {
  claim_epoch: string
  attempt: number
  attempts_before: number
  attempt_history: PastAttempt[] | null
}
/** `claim_epoch` is null where the claim was not made, and `refusal` says why. */
type ClaimRow = (MadeRow & { refusal: null }) | { claim_epoch: null; refusal: Unclaimable | 'busy' }

/** The statements that claim tasks: those that messages name, and those that are due. */
export class Claims {
  readonly #pool: Pool
  readonly #options: ClaimOptions
  readonly #batch: StatementBatch<Asked, MadeClaim | Unclaimable>

  constructor(pool: Pool, options: ClaimOptions) {
    this.#pool = pool
    this.#options = options
    this.#batch = new StatementBatch({
      keyOf: ({ reference }) => reference.taskId,
      sendMany: (asked) => this.#claim('claim-tasks', CLAIM_FREE, asked),
      sendOne: async (asked) => {
        const [answer] = await this.#claim('claim-task', CLAIM_WAITING, [asked])
        // What fitted before the wait for its lock, and not after it, went to another claim.
        return answer === BUSY ? 'held' : (answer ?? 'missing')
      },
    })
  }

  /** Claims a task for its owner. Claims that come together are one statement. */
  claim(reference: TaskReference, again: boolean): Promise<MadeClaim | Unclaimable> {
    return this.#batch.run({ reference, again })
  }

  /**
   * Claims up to `limit` tasks that nobody holds and that have been due for `overdueMs`: expired leases first, then
   * retries whose time has come, then tasks whose message has not come within `graceMs`. Those of `except` and of
   * `exceptTypes` are left out.
   *
   * Of any number of workers at once each takes others: a row that another has locked is passed over, and the lock
   * looks at the row as it is then. Each part reads an index from its oldest entry and stops at the limit, so that a
   * backlog does not matter.
   */
  async claimDue({ limit, overdueMs, graceMs, except, exceptTypes }: DueSearch): Promise<DueClaim[]> {
    const { workerId, leaseMs } = this.#options
    const { rows } = await this.#pool.query<DueRow>({
      name: 'claim-due-tasks',
      text: CLAIM_DUE,
      values: [workerId, leaseMs, limit, overdueMs, graceMs, STORED_FIELDS, except, exceptTypes, TASK_TYPES],
    })
    return rows.map((row) => ({
      ...madeClaim(row.type, row),
      reference: referenceFrom(row.id, row.user_id, row.request),
    }))
  }

  /** The answers in the order of what was asked. */
  async #claim(
    name: string,
    text: string,
    asked: readonly Asked[],
  ): Promise<(MadeClaim | Unclaimable | typeof BUSY)[]> {
    const { workerId, leaseMs } = this.#options
    const { rows } = await this.#pool.query<ClaimRow>({
      name,
      text,
      values: [workerId, leaseMs, ...ASKED.values(asked)],
    })
    return rows.map((row, i) => {
      if (row.claim_epoch === null) return row.refusal === 'busy' ? BUSY : row.refusal
      // It was made for a row of that very type.
      return madeClaim(asked[i]!.reference.taskType, row)
    })
  }
}

const ASKED = new Columns<Asked>({
  id: ['uuid', ({ reference }) => reference.taskId],
  user_id: ['text', ({ reference }) => reference.userId],
  task_type: ['text', ({ reference }) => reference.taskType],
  request: ['json', ({ reference }) => storedRequest(reference)],
  again: ['bool', ({ again }) => again],
})

type DueRow = MadeRow & { id: string; user_id: string; type: string; request: Record<string, unknown> }

function madeClaim(
  type: string,
  { claim_epoch: epoch, attempt, attempts_before: attemptsBefore, attempt_history: history }: MadeRow,
): MadeClaim {
  return { type, epoch, attempt, attemptsBefore, earlierFailures: earlierFailures(history) }
}

/**
 * A claim of a row whose lease is over ends the one before it, and costs an attempt; but not where Postgres itself was
 * away: it was started after the last renewal, and so may have kept the worker from the next one. A row in our own hands
 * whose lease is not over is one that a claim without an answer has got.
 */
const TAKE = `
  status = 'processing', claim_epoch = tasks.claim_epoch + 1,
  attempt = tasks.attempt + CASE
    WHEN tasks.status = 'processing'
     AND (tasks.lease_expires_at >= now()
          OR pg_postmaster_start_time() >
             greatest(tasks.claimed_at, tasks.lease_expires_at - $2::float8 * interval '1 millisecond'))
    THEN 0 ELSE 1 END,
  attempt_history = CASE
    WHEN tasks.status = 'processing' AND coalesce(tasks.lease_expires_at < now(), true)
    THEN ${extendedHistory({ outcome: `'abandoned'`, endedAt: 'least(now(), tasks.lease_expires_at)' })}
    ELSE tasks.attempt_history END,
  claimed_by = $1, claimed_at = now(), lease_expires_at = now() + $2::float8 * interval '1 millisecond',
  updated_at = now()`

const MADE = `claim_epoch, tasks.attempt, attempts_before, nullif(attempt_history, '[]') AS attempt_history`

/**
 * Whether `tasks` can be claimed for `asked`. A pending task without a request waits for no retry: where it looks as if it
 * did, Postgres' clock was put back since it was handed in, and nothing but the message may know what it asks for.
 */
const FITS = `(
  status = 'pending' AND (run_at <= now() OR request IS NULL)
  OR status = 'processing' AND coalesce(lease_expires_at < now(), true)
  OR status = 'processing' AND asked.again AND claimed_by = $1)`

/**
 * The rows are found one by one through their primary key: no plan can come to read through all that are pending or
 * held, and so the condition on a constant, which makes the planner expect few of them. Of any number of claims at once one wins: the lock looks at the row as it is then, and the later ones see a
 * state that no longer fits.
 */
const claimStatement = (lock: string) => `
  WITH asked AS MATERIALIZED (${ASKED.select(3)}),
  free AS MATERIALIZED (
    SELECT asked.place, asked.request AS asked_for, task.id, 'free' AS state
    FROM asked CROSS JOIN LATERAL (
      SELECT id FROM tasks WHERE tasks.id = asked.id AND tasks.user_id = asked.user_id AND tasks.type = asked.task_type AND ${FITS}
      ${lock}) AS task),
  taken AS (
    UPDATE tasks SET ${TAKE},
      request = CASE json_typeof(free.asked_for) WHEN 'object' THEN free.asked_for ELSE tasks.request END
    FROM free WHERE tasks.id = free.id AND free.state = 'free'
    RETURNING free.place, ${MADE})
  SELECT taken.claim_epoch, taken.attempt, taken.attempts_before, taken.attempt_history,
         CASE WHEN taken.place IS NULL THEN coalesce(seen.refusal, 'missing') END AS refusal
  FROM asked LEFT JOIN taken ON taken.place = asked.place
  LEFT JOIN LATERAL (
    SELECT CASE
      WHEN tasks.user_id <> asked.user_id THEN 'not_owner'
      WHEN tasks.type <> asked.task_type THEN 'wrong_type'
      WHEN ${FITS} THEN 'busy'
      WHEN status = 'pending' THEN 'not_due'
      WHEN status = 'processing' THEN 'held'
      ELSE 'ended' END AS refusal
    FROM tasks
    WHERE taken.place IS NULL AND tasks.id = asked.id LIMIT 1) AS seen ON true
  ORDER BY asked.place`

const CLAIM_FREE = claimStatement('FOR NO KEY UPDATE SKIP LOCKED')
const CLAIM_WAITING = claimStatement('FOR NO KEY UPDATE')

const WANTED = `id <> ALL ($7::uuid[]) AND type <> ALL ($8::text[])`

const STILL_WANTED = `greatest(0, $3 - (SELECT count(*) FROM orphans) - (SELECT count(*) FROM retries))`

/**
 * Retries and expired leases of a type that is left out are read through: those are no more than workers had in hand. Of
 * tasks without a message it may be the whole backlog, so those are looked for type by type.
 */
const CLAIM_DUE = `
  WITH orphans AS MATERIALIZED (
    SELECT id FROM tasks
    WHERE status = 'processing' AND lease_expires_at < now() - $4::float8 * interval '1 millisecond'
      AND request IS NOT NULL AND ${WANTED}
    ORDER BY lease_expires_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED),
  retries AS MATERIALIZED (
    SELECT id FROM tasks
    WHERE status = 'pending' AND request IS NOT NULL
      AND run_at <= now() - $4::float8 * interval '1 millisecond' AND ${WANTED}
    ORDER BY run_at LIMIT greatest(0, $3 - (SELECT count(*) FROM orphans)) FOR NO KEY UPDATE SKIP LOCKED),
  unannounced AS MATERIALIZED (
    SELECT task.id FROM unnest($9::text[]) AS asked (type) CROSS JOIN LATERAL (
      SELECT id, run_at FROM tasks
      WHERE tasks.type = asked.type AND status = 'pending' AND request IS NULL AND ${HAS_REQUEST} IS TRUE
        AND run_at <= now() - $5::float8 * interval '1 millisecond' AND id <> ALL ($7::uuid[])
      ORDER BY run_at LIMIT ${STILL_WANTED} FOR NO KEY UPDATE SKIP LOCKED) AS task
    WHERE asked.type <> ALL ($8::text[])
    ORDER BY task.run_at LIMIT ${STILL_WANTED}),
  due AS (
    SELECT id FROM orphans UNION ALL SELECT id FROM retries UNION ALL SELECT id FROM unannounced)
  UPDATE tasks SET ${TAKE}, request = coalesce(tasks.request, ${requestOfMetadata('$6')})
  FROM due WHERE tasks.id = due.id
  RETURNING tasks.id, user_id, request, type, ${MADE}`
