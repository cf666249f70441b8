import type { Pool } from 'pg'
import type { Failure } from '../../processors/failure.ts'
import type { TaskLedger } from '../../processors/services.ts'
import type { StageTiming } from '../../processors/stage-clock.ts'
import type { ClaimedTask, ClaimResult, TaskReference } from '../../processors/task.ts'
import { databaseFailure } from '../database/failure.ts'
import { insist } from '../database/insistence.ts'
import { Claims } from './claims.ts'
import { DueClaims, type DueClaim, type DueSearch } from './due-claims.ts'
import { Endings, type Ending } from './endings.ts'
import type { KeptClaim, LeaseKeeper } from './lease-keeper.ts'
import type { MadeClaim } from './made-claim.ts'

const MAX_ERROR_MESSAGE_CHARACTERS = 1_000
/** A message waits meanwhile, and a stop: long enough for a Postgres that is started again at once. */
const SHORT_PATIENCE_MS = 4_000

export type TaskStoreOptions = {
  readonly workerId: string
  readonly leaseMs: number
  readonly maxAttempts: number
}

/** A claim in the worker's hands. */
class HeldClaim implements ClaimedTask {
  readonly id: string
  readonly userId: string
  readonly type: string
  readonly epoch: string
  readonly attempt: number
  readonly maxAttempts: number
  readonly attemptsBefore: number
  readonly earlierFailures: readonly string[]
  readonly #kept: KeptClaim

  constructor({ taskId, userId }: TaskReference, claim: MadeClaim, maxAttempts: number, kept: KeptClaim) {
    this.id = taskId
    this.userId = userId
    this.type = claim.type
    this.epoch = claim.epoch
    this.attempt = claim.attempt
    this.maxAttempts = maxAttempts
    this.attemptsBefore = claim.attemptsBefore
    this.earlierFailures = claim.earlierFailures
    this.#kept = kept
  }

  get lost(): AbortSignal {
    return this.#kept.lost
  }
}

/** A due task that was found and claimed. */
export type DueTask = { readonly reference: TaskReference; readonly task: ClaimedTask }

/**
 * The rows of `tasks`: claims, and every end of an attempt but completion, which belongs to the concept. Where
 * Postgres is away for a moment it asks again, so that neither an attempt nor its work is lost by that.
 */
export class TaskStore implements TaskLedger {
  readonly #leases: LeaseKeeper
  readonly #options: TaskStoreOptions
  readonly #claims: Claims
  readonly #dueClaims: DueClaims
  readonly #endings: Endings

  constructor(pool: Pool, leases: LeaseKeeper, options: TaskStoreOptions) {
    this.#leases = leases
    this.#options = options
    this.#claims = new Claims(pool, options)
    this.#dueClaims = new DueClaims(pool, options)
    this.#endings = new Endings(pool)
  }

  /** Takes a task that is due for its owner; of any number of claims at once one wins. */
  async claim(reference: TaskReference): Promise<ClaimResult> {
    let claimedAtMs = 0
    try {
      const answer = await insist(SHORT_PATIENCE_MS, (again) => {
        claimedAtMs = performance.now()
        return this.#claims.claim(reference, again)
      })
      if (typeof answer === 'string') return { kind: 'unclaimable', reason: answer }
      return { kind: 'claimed', task: this.#hold(reference, answer, claimedAtMs) }
    } catch (error) {
      throw databaseFailure(error)
    }
  }

  /** Claims tasks that are due and that nobody holds. Not tried again where no answer comes: see `takeBack`. */
  async claimDue(search: DueSearch): Promise<DueTask[]> {
    const claimedAtMs = performance.now()
    return this.#holdAll(await this.#dueClaims.claimDue(search), claimedAtMs)
  }

  /**
   * Claims anew, at the cost of no attempt, what was claimed for this worker without its knowledge, because the answer was
   * lost. `inHand` has the ids of all tasks that this worker has claimed or asks for, at the time when it is called.
   *
   * A claim that is known or being made belongs to a task in hand from before it is asked for until after its end. One that
   * was seen to stand before, and is of no task in hand now, so belongs to nobody here; and the statement takes it only
   * under the epoch that was seen, so that whoever has claimed the task since keeps it. Limit: what Postgres still has to
   * commit when it is looked at is found by its lease alone.
   */
  async takeBack(inHand: () => readonly string[]): Promise<DueTask[]> {
    const standing = await this.#dueClaims.standing()
    const known = new Set(inHand())
    const unknown = standing.filter(({ taskId }) => !known.has(taskId))
    if (unknown.length === 0) return []
    const claimedAtMs = performance.now()
    return this.#holdAll(await this.#dueClaims.takeBack(unknown), claimedAtMs)
  }

  fail(task: ClaimedTask, failure: Failure, timings: readonly StageTiming[]): Promise<boolean> {
    return this.#end(task, { outcome: 'failed', ...errorOf(failure), afterMs: 0, timings })
  }

  retry(
    task: ClaimedTask,
    failure: Failure,
    afterMs: number,
    timings: readonly StageTiming[],
  ): Promise<boolean> {
    return this.#end(task, { outcome: 'retried', ...errorOf(failure), afterMs, timings })
  }

  release(task: ClaimedTask, timings: readonly StageTiming[]): Promise<boolean> {
    return this.#end(task, { outcome: 'released', code: null, message: null, afterMs: 0, timings })
  }

  #holdAll(claims: readonly DueClaim[], claimedAtMs: number): DueTask[] {
    return claims.map(({ reference, ...claim }) => ({
      reference,
      task: this.#hold(reference, claim, claimedAtMs),
    }))
  }

  #hold(reference: TaskReference, claim: MadeClaim, claimedAtMs: number): ClaimedTask {
    const kept = this.#leases.hold(reference.taskId, claim.epoch, claimedAtMs)
    return new HeldClaim(reference, claim, this.#options.maxAttempts, kept)
  }

  /** Writes the end of an attempt under the claim's epoch; no row updated means that the claim was lost, and its signal says how. */
  async #end(task: ClaimedTask, end: Omit<Ending, 'taskId' | 'epoch' | 'attempt'>): Promise<boolean> {
    const ending = { taskId: task.id, epoch: task.epoch, attempt: task.attempt, ...end }
    const { leaseMs } = this.#options
    const patienceMs = end.outcome === 'released' ? Math.min(leaseMs, SHORT_PATIENCE_MS) : leaseMs
    try {
      const isWritten = await insist(patienceMs, async (again) => {
        const written = await this.#endings.end(ending)
        return written === 'written' || (again && written === 'earlier')
      })
      if (!isWritten) await this.#leases.look()
      return isWritten
    } catch (error) {
      throw databaseFailure(error)
    } finally {
      this.#leases.drop(task.id, task.epoch)
    }
  }
}

function errorOf(failure: Failure): { code: string; message: string } {
  const message = failure.message.slice(0, MAX_ERROR_MESSAGE_CHARACTERS)
  return { code: failure.category, message: message.toWellFormed().replaceAll('\0', '') }
}
