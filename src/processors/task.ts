export const GENERATION = 'concept_generation'
export const REFINEMENT = 'concept_refinement'
export type TaskType = typeof GENERATION | typeof REFINEMENT

export const TASK_TYPES: readonly TaskType[] = [GENERATION, REFINEMENT]

export function isTaskType(taskType: string): taskType is TaskType {
  return taskType === GENERATION || taskType === REFINEMENT
}

/** A task as a message, or a stored request, names it. Nothing of it is trusted yet but its form. */
export type TaskReference = {
  readonly taskId: string
  readonly userId: string
  readonly taskType: string
  /** The message's own fields, unchecked; the processor of the type parses them. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** A task that this worker holds. Every write names its epoch. */
export type ClaimedTask = {
  readonly id: string
  readonly userId: string
  /** The type that the row names. */
  readonly type: string
  readonly epoch: string
  /** Which attempt this is, from 1. */
  readonly attempt: number
  /** The attempts before that do not count, because somebody reopened the task after them. */
  readonly attemptsBefore: number
  /** How many attempts it gets beside those. */
  readonly maxAttempts: number
  /** The error codes of those earlier attempts that count and were tried again. */
  readonly earlierFailures: readonly string[]
  /** Aborts, with a {@link ClaimLost}, once the claim is lost: stop then, and write nothing. */
  readonly lost: AbortSignal
}

/** How a claim was lost. */
export type ClaimLoss =
  | 'taken' // another worker has the task
  | 'cancelled'
  | 'unreachable' // Postgres did not take the renewals; nobody need have the task yet
  | 'expired' // this process stood still for too long, or renews nothing more

/** The reason with which the signal of a lost claim aborts. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost'
  readonly how: ClaimLoss

  constructor(how: ClaimLoss) {
    super('the claim is lost')
    this.how = how
  }
}

/** Why a task cannot be claimed now. */
export type Unclaimable =
  | 'missing' // no such row, or not visible yet
  | 'not_owner' // the message names another user than the row
  | 'wrong_type' // the message names another type than the row
  | 'ended' // completed, failed or cancelled
  | 'held' // another claim is alive
  | 'not_due' // waits for its retry time

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly task: ClaimedTask }
  | { readonly kind: 'unclaimable'; readonly reason: Unclaimable }
