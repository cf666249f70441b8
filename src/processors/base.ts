import { Failure } from './failure.ts'
import { taskFolder } from './object-paths.ts'
import { decide, asFailure, type Outcome, type Verdict } from './outcome.ts'
import type { FinishedConcept, Services, TaskLog } from './services.ts'
import { StageClock, type StageTiming } from './stage-clock.ts'
import { ClaimLost, isTaskType, type ClaimedTask, type ClaimLoss, type TaskReference } from './task.ts'

/** What the work on one attempt has at hand. */
export type Attempt = {
  readonly task: ClaimedTask
  readonly clock: StageClock
  /** Aborts when the worker stops or the claim is lost. */
  readonly signal: AbortSignal
}

/** The signal costs as much as the rest of a task's bookkeeping, so it is made when the work first asks for it. */
class WorkOfAttempt implements Attempt {
  readonly task: ClaimedTask
  readonly clock: StageClock
  readonly #stopping: AbortSignal
  #signal: AbortSignal | undefined

  constructor(task: ClaimedTask, clock: StageClock, stopping: AbortSignal) {
    this.task = task
    this.clock = clock
    this.#stopping = stopping
  }

  get signal(): AbortSignal {
    return (this.#signal ??= AbortSignal.any([this.#stopping, this.task.lost]))
  }
}

/** Of the first claim of a task: nobody has stored anything for it yet. */
const FIRST_EPOCH = '1'

/**
 * The life of a task, the same for every type: claim, work in timed stages, completion with a result id; on an
 * error a category, the stage in its message, and the task marked. A type adds what its request looks like and
 * what its work is.
 */
export abstract class TaskProcessor<Request> {
  protected readonly services: Services

  constructor(services: Services) {
    this.services = services
  }

  /** Checks the message's fields. Throws a Failure that names the field and the expected form. */
  protected abstract parseRequest(fields: Readonly<Record<string, unknown>>): Request

  /** Makes the concept; storing it and completing the task is the base's part. */
  protected abstract createConcept(request: Request, attempt: Attempt): Promise<FinishedConcept>

  /**
   * Handles one task from claim to outcome. Never throws: whatever happens is in the outcome. When `stopping`
   * aborts, the task is released. `onClaimed` is called once the claim is in Postgres; `claimed` is the claim where it
   * has been made already.
   */
  async process(
    reference: TaskReference,
    stopping: AbortSignal,
    onClaimed: () => void = () => {},
    claimed?: ClaimedTask,
  ): Promise<Outcome> {
    if (claimed) {
      onClaimed()
      return this.#attempt(reference, claimed, stopping)
    }
    let claim
    try {
      claim = await this.services.tasks.claim(reference)
    } catch (error) {
      return { kind: 'unrecorded', failure: asFailure(error) }
    }
    if (claim.kind === 'unclaimable') return { kind: 'skipped', reason: claim.reason }
    onClaimed()
    return this.#attempt(reference, claim.task, stopping)
  }

  async #attempt(reference: TaskReference, task: ClaimedTask, stopping: AbortSignal): Promise<Outcome> {
    const isStopped = () => stopping.aborted || task.lost.aborted
    const clock = new StageClock(
      {
        get aborted() {
          return isStopped()
        },
      },
      (timing) => logTiming(this.services.log, task, timing),
    )
    this.services.log.info({ taskId: task.id, attempt: task.attempt }, 'task claimed')
    try {
      stopping.throwIfAborted()
      checkClaim(task, reference)
      const request = this.parseRequest(reference.fields)
      const concept = await this.createConcept(request, new WorkOfAttempt(task, clock, stopping))
      const resultId = await clock.stage('store_concept', () =>
        this.services.concepts.complete(task, concept, () => clock.timings()),
      )
      if (resultId === null) return { kind: 'lost' }
      if (task.epoch !== FIRST_EPOCH) await this.#tidyUp(task, concept)
      return { kind: 'completed', resultId }
    } catch (error) {
      const verdict = decide(error, {
        attempt: task.attempt,
        maxAttempts: task.maxAttempts,
        earlierFailures: task.earlierFailures,
        lost: lossOf(task.lost),
        stopping: stopping.aborted,
        random: Math.random(),
      })
      return this.#record(task, verdict, clock.timings())
    }
  }

  /**
   * Removes what earlier claims of the task stored in another image format. Only now, when the concept is committed:
   * before that this claim may be lost, and the objects another's. What stays behind because of an error here is
   * named by nobody, and does no harm.
   */
  async #tidyUp(task: ClaimedTask, { stored, variations }: FinishedConcept): Promise<void> {
    const paths = [stored.path, ...variations.map((variation) => variation.stored.path)]
    try {
      await this.services.store.keepOnly(taskFolder(task.userId, task.id), paths)
    } catch (error) {
      this.services.log.warn(
        { taskId: task.id, err: error },
        'objects of earlier attempts could not be removed',
      )
    }
  }

  async #record(task: ClaimedTask, verdict: Verdict, timings: readonly StageTiming[]): Promise<Outcome> {
    try {
      const recorded = await this.#write(task, verdict, timings)
      return recorded ? verdict : { kind: 'lost' }
    } catch (error) {
      return { kind: 'unrecorded', failure: asFailure(error) }
    }
  }

  async #write(task: ClaimedTask, verdict: Verdict, timings: readonly StageTiming[]): Promise<boolean> {
    switch (verdict.kind) {
      case 'failed':
        return this.services.tasks.fail(task, verdict.failure, timings)
      case 'retry':
        return this.services.tasks.retry(task, verdict.failure, verdict.afterMs, timings)
      case 'interrupted':
        return this.services.tasks.release(task, timings)
      case 'cancelled':
        return true
      case 'lost':
        return false
    }
  }
}

function checkClaim(task: ClaimedTask, reference: TaskReference): void {
  if (task.attempt > task.maxAttempts) {
    throw new Failure('abandoned', `none of ${task.maxAttempts} attempts came to an end`)
  }
  if (isTaskType(task.type) && task.type !== reference.taskType) {
    throw new Failure('invalid_request', `task_type: expected ${task.type}, as the task's row says`)
  }
}

function lossOf(lost: AbortSignal): ClaimLoss | null {
  if (!lost.aborted) return null
  return lost.reason instanceof ClaimLost ? lost.reason.how : 'expired'
}

function logTiming(log: TaskLog, task: ClaimedTask, timing: StageTiming): void {
  const { stage, step, item, waitMs, runMs, outcome, errorCode } = timing
  const fields = {
    taskId: task.id,
    attempt: task.attempt,
    stage,
    ...(step === null ? {} : { step }),
    ...(item === null ? {} : { item }),
    waitMs: Math.round(waitMs),
    runMs: Math.round(runMs),
    outcome,
    ...(errorCode === null ? {} : { errorCode }),
  }
  if (step === null) log.info(fields, 'stage ended')
  else log.debug(fields, 'step ended')
}
