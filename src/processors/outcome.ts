import { Failure } from './failure.ts'
import type { Unclaimable } from './task.ts'

/** How the handling of one task ended. It is data: the caller settles the message by it. */
export type Outcome =
  | { readonly kind: 'completed'; readonly resultId: string }
  | { readonly kind: 'retry'; readonly failure: Failure; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The claim went to another worker; nothing was written. */
  | { readonly kind: 'lost' }
  /** The worker stops; the claim was released and the attempt given back. */
  | { readonly kind: 'interrupted' }
  /** Nothing was claimed and nothing changed. */
  | { readonly kind: 'skipped'; readonly reason: Unclaimable }
  /** Postgres could not be told; the lease runs out by itself. */
  | { readonly kind: 'unrecorded'; readonly failure: Failure }

/** What is to be done about a task whose work ended with an error. */
export type Verdict = Extract<Outcome, { kind: 'retry' | 'failed' | 'lost' | 'interrupted' }>

export type Circumstances = {
  readonly attempt: number
  readonly maxAttempts: number
  /** The claim is lost. */
  readonly lost: boolean
  /** The worker stops. */
  readonly stopping: boolean
  /** Evenly distributed in [0, 1). */
  readonly random: number
}

const FIRST_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 60_000
/** A server may ask for more patience than this; a user would not have it. */
const MAX_RETRY_AFTER_MS = 300_000

/** Turns an error into what happens to its task. Pure. */
export function decide(error: unknown, circumstances: Circumstances): Verdict {
  if (circumstances.lost) return { kind: 'lost' }
  if (circumstances.stopping) return { kind: 'interrupted' }
  const failure = asFailure(error)
  if (!failure.retryable || circumstances.attempt >= circumstances.maxAttempts) {
    return { kind: 'failed', failure }
  }
  return { kind: 'retry', failure, afterMs: backoffMs(failure, circumstances) }
}

/** Any error as a failure; one that nobody foresaw is `internal`, and its text stays in the cause. */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('internal', 'an unexpected error', { cause: error })
}

/** Exponential, with full jitter in its upper half; never sooner than the other side asked for. */
function backoffMs(failure: Failure, { attempt, random }: Circumstances): number {
  const ceilingMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1))
  const jitteredMs = Math.round(ceilingMs * (0.5 + random / 2))
  return Math.max(jitteredMs, Math.min(failure.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS))
}
