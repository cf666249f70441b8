/** How a claim ended; the last one is no claim's end. */
export type AttemptOutcome =
  | 'completed'
  | 'failed'
  | 'retried' // due again after a wait
  | 'released' // the worker stopped, or Postgres was away; the attempt was given back
  | 'abandoned' // the lease ran out: the worker died, or stood still
  | 'cancelled'
  | 'reopened' // somebody had the task tried again that had ended; the attempts before do not count any more

/** One claim that has come to an end, as it stands in `tasks.attempt_history`. */
export type PastAttempt = {
  readonly attempt: number
  readonly worker: string | null
  /** ISO 8601. */
  readonly startedAt: string | null
  readonly endedAt: string
  readonly outcome: AttemptOutcome
  readonly errorCode: string | null
  readonly errorMessage: string | null
}

/** A task that is released again and again must not grow without end. */
const MAX_KEPT = 100

/**
 * An SQL expression: the history with the claim in force added to it. For the right side of an assignment in an UPDATE of
 * `tasks`; the arguments are SQL expressions themselves.
 */
export const extendedHistory = (end: {
  outcome: string
  worker?: string
  startedAt?: string
  endedAt?: string
  code?: string
  message?: string
}) => `
  CASE WHEN jsonb_array_length(tasks.attempt_history) < ${MAX_KEPT} THEN tasks.attempt_history
  ELSE tasks.attempt_history - 0 END || jsonb_build_object(
    'attempt', tasks.attempt, 'worker', ${end.worker ?? 'tasks.claimed_by'}, 'startedAt', ${end.startedAt ?? 'tasks.claimed_at'},
    'endedAt', ${end.endedAt ?? 'now()'}, 'outcome', ${end.outcome},
    'errorCode', ${end.code ?? 'NULL'}, 'errorMessage', ${end.message ?? 'NULL'})`

/** The error codes of the attempts that count and were tried again: those since the task was last reopened. */
export function earlierFailures(history: readonly PastAttempt[] | null): readonly string[] {
  const past = history ?? []
  const reopened = past.findLastIndex(({ outcome }) => outcome === 'reopened')
  return past
    .slice(reopened + 1)
    .flatMap(({ outcome, errorCode }) => (outcome === 'retried' && errorCode !== null ? [errorCode] : []))
}
