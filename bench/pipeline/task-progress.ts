import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'

export type Progress = { readonly completed: number; readonly pending: number; readonly inHand: number }

/** A look counts all tasks, on the cores that are measured. */
const POLL_MS = 250

/** Resolves once the tasks have got so far. Throws where one of them has failed. */
export async function untilProgress(pool: Pool, isThere: (progress: Progress) => boolean): Promise<Progress> {
  for (;;) {
    const { rows } = await pool.query<Record<string, number>>(
      `SELECT count(*) FILTER (WHERE status = 'completed')::int AS completed,
              count(*) FILTER (WHERE status = 'pending')::int AS pending,
              count(*) FILTER (WHERE status = 'processing')::int AS "inHand",
              count(*) FILTER (WHERE status = 'failed')::int AS failed,
              min(error_message) FILTER (WHERE status = 'failed') AS message
       FROM tasks`,
    )
    const { completed = 0, pending = 0, inHand = 0, failed = 0, message } = rows[0] ?? {}
    if (failed > 0) throw new Error(`${failed} tasks failed: ${message}`)
    if (isThere({ completed, pending, inHand })) return { completed, pending, inHand }
    await delay(POLL_MS)
  }
}

/** The share of the threads' time between two moments, by the database's clock, in which jobs ran on them. */
export async function busyShare(pool: Pool, threads: number, from: Date, to: Date): Promise<number> {
  const { rows } = await pool.query<{ busy_ms: number }>(
    `SELECT coalesce(sum(greatest(0, extract(epoch FROM least(ends, $2) - greatest(starts, $1)) * 1000)), 0)::float8
              AS busy_ms
     FROM (SELECT started_at + wait_ms * interval '1 ms' AS starts,
                  started_at + (wait_ms + run_ms) * interval '1 ms' AS ends
           FROM stage_timings WHERE step IN ('decode', 'analyse', 'recolour')) AS jobs`,
    [from, to],
  )
  return (rows[0]?.busy_ms ?? 0) / (threads * (to.getTime() - from.getTime()))
}
