import { Failure, type FailureCategory } from './failure.ts'
import type { ClaimLoss, Unclaimable } from './task.ts'

/** How the handling of one task ended. It is data: the caller settles the message by it. */
export type Outcome =
  | { readonly kind: 'completed'; readonly resultId: string }
  | { readonly kind: 'retry'; readonly failure: Failure; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The claim went to another worker; nothing was written. */
  | { readonly kind: 'lost' }
  /** The task was cancelled while it ran; nothing was written. */
  | { readonly kind: 'cancelled' }
  /** The worker stops, or Postgres was away; the claim was released and the attempt given back. */
  | { readonly kind: 'interrupted' }
  /** Nothing was claimed and nothing changed. */
  | { readonly kind: 'skipped'; readonly reason: Unclaimable }
  /** Postgres could not be told; the lease runs out by itself. */
  | { readonly kind: 'unrecorded'; readonly failure: Failure }

/** What is to be done about a task whose work ended with an error. */
export type Verdict = Extract<Outcome, { kind: 'retry' | 'failed' | 'lost' | 'cancelled' | 'interrupted' }>

export type Circumstances = {
  /** Of those that count, from 1. */
  readonly attempt: number
  readonly maxAttempts: number
  /** The error codes of the attempts before this one. */
  readonly earlierFailures: readonly string[]
  /** How the claim was lost; null where it is in force. */
  readonly lost: ClaimLoss | null
  /** The worker stops. */
  readonly stopping: boolean
  /** Evenly distributed in [0, 1). */
  readonly random: number
}

const FIRST_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 60_000
/** A server may ask for more patience than this; a user would not have it. */
const MAX_RETRY_AFTER_MS = 300_000

/**
 * The part of a task's attempts, but two at least, that one category may use up. A call that timed out may be billed all the same, and a
 * model whose answers are no use is not likely to come to its senses.
 */
const MAX_SHARE: Partial<Record<FailureCategory, number>> = { timeout: 1 / 3, invalid_output: 1 / 2 }

/** Turns an error into what happens to its task. Pure. */
export function decide(error: unknown, circumstances: Circumstances): Verdict {
  const verdict = verdictWithoutClaim(circumstances)
  if (verdict) return verdict
  const failure = asFailure(error)
  if (!failure.retryable || isLastAttempt(failure, circumstances)) return { kind: 'failed', failure }
  return { kind: 'retry', failure, afterMs: backoffMs(failure, circumstances) }
}

/** What happens whatever the error was: the work was told to stop. */
function verdictWithoutClaim({ lost, stopping }: Circumstances): Verdict | null {
  switch (lost) {
    case 'taken':
    case 'expired':
      return { kind: 'lost' }
    case 'cancelled':
      return { kind: 'cancelled' }
    case 'unreachable':
      // Unless somebody has taken the task meanwhile, which the epoch tells, the attempt can still be given back.
      return { kind: 'interrupted' }
    case null:
      return stopping ? { kind: 'interrupted' } : null
  }
}

function isLastAttempt(
  { category }: Failure,
  { attempt, maxAttempts, earlierFailures }: Circumstances,
): boolean {
  if (attempt >= maxAttempts) return true
  const share = MAX_SHARE[category]
  if (share === undefined) return false
  const failures = 1 + earlierFailures.filter((earlier) => earlier === category).length
  return failures >= Math.max(2, Math.ceil(maxAttempts * share))
}

/** Any error as a failure; one that nobody foresaw is `internal`, and its text stays in the cause. */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('internal', 'an unexpected error', { cause: error })
}

/** Exponential with full jitter, which comes on top of what the other side asked for: never sooner, nor all at once. */
function backoffMs(failure: Failure, { attempt, random }: Circumstances): number {
  const ceilingMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1))
  return Math.min(failure.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) + Math.round(ceilingMs * random)
}
