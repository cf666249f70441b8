import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { BoundedQuery } from '../database/pool.ts'

/** How much waits in Postgres, for all workers together. Of each kind {@link MAX_COUNTED} are counted at most. */
export type BacklogReading = {
  /** Never replayed. */
  readonly quarantinedMessages: number
  readonly parkedMessages: number
  /** Those that wait for a later attempt among them. */
  readonly pendingTasks: number
  /** For how long the pending task has been due that was due first; 0 where none is. */
  readonly oldestPendingSeconds: number
}

/** More of them are as bad. */
export const MAX_COUNTED = 10_000

const ANSWER_MS = 1_000
/** However often somebody asks, Postgres is asked no sooner again. */
const FRESH_MS = 5_000

/** Reads from Postgres what waits there, when somebody asks. */
export class Backlog {
  readonly #pool: Pool
  readonly #freshMs: number
  #reading: Promise<BacklogReading | null> | undefined
  #readAtMs = -Infinity

  constructor(pool: Pool, freshMs = FRESH_MS) {
    this.#pool = pool
    this.#freshMs = freshMs
  }

  /**
   * Null where Postgres gives no answer within a second: an old figure would look like a fresh one. All who ask within
   * some seconds share one answer.
   */
  read(): Promise<BacklogReading | null> {
    const nowMs = performance.now()
    if (!this.#reading || nowMs - this.#readAtMs >= this.#freshMs) {
      this.#readAtMs = nowMs
      this.#reading = this.#ask()
    }
    return this.#reading
  }

  #ask(): Promise<BacklogReading | null> {
    const query: BoundedQuery = {
      name: 'backlog',
      text: BACKLOG,
      values: [MAX_COUNTED],
      query_timeout: ANSWER_MS,
    }
    const answered = this.#pool.query<BacklogReading>(query).then(
      ({ rows }) => rows[0] ?? null,
      () => null,
    )
    // The wait for a free connection counts as well.
    return Promise.race([answered, delay(ANSWER_MS, null, { ref: false })])
  }
}

/**
 * Each part reads an index that holds nothing else, and stops at the limit: neither the tasks that have ended nor a huge
 * backlog make it dear; the order keeps the planner from reading an index through first.
 * Pending tasks are in two indexes, by whether a worker has heard of them.
 */
const BACKLOG = `
  WITH due AS (
    (SELECT run_at FROM tasks WHERE status = 'pending' AND request IS NULL ORDER BY run_at LIMIT 1)
    UNION ALL
    (SELECT run_at FROM tasks WHERE status = 'pending' AND request IS NOT NULL ORDER BY run_at LIMIT 1))
  SELECT
    (SELECT count(*) FROM (
       SELECT FROM quarantined_messages WHERE replayed_at IS NULL ORDER BY id LIMIT $1) AS counted)::int AS "quarantinedMessages",
    (SELECT count(*) FROM (SELECT FROM parked_messages ORDER BY look_at LIMIT $1) AS counted)::int AS "parkedMessages",
    (SELECT count(*) FROM (
       (SELECT FROM tasks WHERE status = 'pending' AND request IS NULL ORDER BY run_at LIMIT $1)
       UNION ALL
       (SELECT FROM tasks WHERE status = 'pending' AND request IS NOT NULL ORDER BY run_at LIMIT $1)
       LIMIT $1) AS counted)::int AS "pendingTasks",
    (SELECT greatest(0, coalesce(extract(epoch FROM now() - min(run_at)), 0)) FROM due)::float8
      AS "oldestPendingSeconds"`
