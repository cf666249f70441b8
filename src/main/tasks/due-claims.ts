import type { Pool } from 'pg'
import { TASK_TYPES, type TaskReference } from '../../processors/task.ts'
import { MADE, madeClaim, TAKE, type ClaimOptions, type MadeClaim, type MadeRow } from './made-claim.ts'
import { HAS_REQUEST, referenceFrom, requestOfMetadata, STORED_FIELDS } from './stored-request.ts'

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

/** A claim as its row tells of it. */
export type StandingClaim = { readonly taskId: string; readonly epoch: string }

type DueRow = MadeRow & { id: string; user_id: string; type: string; request: Record<string, unknown> }

/** The statements that claim tasks which nobody has named: those that are due. */
export class DueClaims {
  readonly #pool: Pool
  readonly #options: ClaimOptions

  constructor(pool: Pool, options: ClaimOptions) {
    this.#pool = pool
    this.#options = options
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
    return rows.map(dueClaim)
  }

  /** The claims whose rows name this worker, and whose lease is not over. Reads all rows with a lease. */
  async standing(): Promise<StandingClaim[]> {
    const { rows } = await this.#pool.query<{ id: string; claim_epoch: string }>({
      name: 'standing-claims',
      text: `SELECT id, claim_epoch FROM tasks
             WHERE status = 'processing' AND lease_expires_at >= now() AND claimed_by = $1`,
      values: [this.#options.workerId],
    })
    return rows.map(({ id, claim_epoch: epoch }) => ({ taskId: id, epoch }))
  }

  /**
   * Claims tasks anew, at the cost of no attempt. Only under exactly these claims: what has ended or was claimed since is
   * passed over, and so is a row that somebody has locked.
   */
  async takeBack(claims: readonly StandingClaim[]): Promise<DueClaim[]> {
    const { workerId, leaseMs } = this.#options
    const { rows } = await this.#pool.query<DueRow>({
      name: 'take-back-claims',
      text: TAKE_BACK,
      values: [workerId, leaseMs, claims.map(({ taskId }) => taskId), claims.map(({ epoch }) => epoch)],
    })
    return rows.map(dueClaim)
  }
}

function dueClaim(row: DueRow): DueClaim {
  return { ...madeClaim(row.type, row), reference: referenceFrom(row.id, row.user_id, row.request) }
}

const RETURNED = `RETURNING tasks.id, user_id, request, type, ${MADE}`

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
  ${RETURNED}`

const TAKE_BACK = `
  WITH unknown AS MATERIALIZED (
    SELECT task.id FROM unnest($3::uuid[], $4::bigint[]) AS claim (id, epoch) CROSS JOIN LATERAL (
      SELECT id FROM tasks
      WHERE tasks.id = claim.id AND claim_epoch = claim.epoch AND status = 'processing' AND claimed_by = $1
        AND request IS NOT NULL
      FOR NO KEY UPDATE SKIP LOCKED) AS task)
  UPDATE tasks SET ${TAKE} FROM unknown WHERE tasks.id = unknown.id
  ${RETURNED}`
