import { earlierFailures, extendedHistory, type PastAttempt } from './attempt-history.ts'

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

/** What {@link MADE} returns. */
export type MadeRow = {
  claim_epoch: string
  attempt: number
  attempts_before: number
  attempt_history: PastAttempt[] | null
}

/** The claim of a row of that type, from what {@link MADE} has returned. */
export function madeClaim(
  type: string,
  { claim_epoch: epoch, attempt, attempts_before: attemptsBefore, attempt_history: history }: MadeRow,
): MadeClaim {
  return { type, epoch, attempt, attemptsBefore, earlierFailures: earlierFailures(history) }
}

/**
 * The assignments of an UPDATE that claims rows of `tasks`, for the worker $1 and a lease of $2 milliseconds.
 *
 * A claim of a row whose lease is over ends the one before it, and costs an attempt; but not where Postgres itself was
 * away: it was started after the last renewal, and so may have kept the worker from the next one. A row in our own hands
 * whose lease is not over is one that a claim without an answer has got.
 */
export const TAKE = `
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

/** The columns of the claim, in RETURNING. */
export const MADE = `claim_epoch, tasks.attempt, attempts_before, nullif(attempt_history, '[]') AS attempt_history`
