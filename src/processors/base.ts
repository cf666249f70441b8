import { abortWith } from './abort-link.ts'
import { Failure } from './failure.ts'
import { taskFolder } from './object-paths.ts'
import { decide, asFailure, type Outcome, type Verdict } from './outcome.ts'
import type { FinishedConcept, Services, TaskImages, TaskLog } from './services.ts'
import type { Interruption } from './interruption.ts'
import { StageClock, type StageTiming, type StageWatch } from './stage-clock.ts'
import { ClaimLost, type ClaimedTask, type ClaimLoss, type TaskReference } from './task.ts'

/** What the work on one attempt has at hand. */
export type Attempt = {
  readonly task: ClaimedTask
  readonly clock: StageClock
  readonly images: TaskImages
  /** Aborts when the worker stops or the claim is lost. */
  readonly signal: AbortSignal
}

class WorkOfAttempt implements Attempt, StageWatch {
  readonly task: ClaimedTask
  readonly clock = new StageClock(this)
  readonly images: TaskImages
  readonly #stopping: Interruption
  readonly #services: Pick<Services, 'log' | 'meter'>
  #signal: AbortSignal | undefined

  constructor(
    task: ClaimedTask,
    images: TaskImages,
    stopping: Interruption,
    services: Pick<Services, 'log' | 'meter'>,
  ) {
    this.task = task
    this.images = images
    this.#stopping = stopping
    this.#services = services
  }

  /** Made when the work first asks for it. */
  get signal(): AbortSignal {
    return (this.#signal ??= this.#makeSignal())
  }

  get aborted(): boolean {
    return this.#stopping.aborted || this.task.lost.aborted
  }

  /** What it listens to is the attempt's own and goes with it. */
  #makeSignal(): AbortSignal {
    const controller = new AbortController()
    for (const signal of [this.#stopping.signal, this.task.lost]) abortWith(controller, signal)
    return controller.signal
  }

  ended(timing: StageTiming): void {
    logTiming(this.#services.log, this.task, timing)
    this.#services.meter.stageEnded(timing)
  }
}

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
   * says so, the task is released. `onClaimed` is called once the claim is in Postgres; `claimed` is the claim where it
   * has been made already.
   */
  async process(
    reference: TaskReference,
    stopping: Interruption,
    onClaimed: () => void = () => {},
    claimed?: ClaimedTask,
  ): Promise<Outcome> {
    if (!claimed) {
      let claim
      try {
        claim = await this.services.tasks.claim(reference)
      } catch (error) {
        return { kind: 'unrecorded', failure: asFailure(error) }
      }
      if (claim.kind === 'unclaimable') return { kind: 'skipped', reason: claim.reason }
      claimed = claim.task
    }
    onClaimed()
    this.services.log.info({ taskId: claimed.id, attempt: claimed.attempt }, 'task claimed')
    const images = this.services.images.open()
    const attempt = new WorkOfAttempt(claimed, images, stopping, this.services)
    // The steps stand here: where tasks are short, an async function more for each is dear.
    try {
      stopping.throwIfAborted()
      checkAttempts(claimed)
      const request = this.parseRequest(reference.fields)
      const folderEntry = await this.services.folders.open(claimed)
      const concept = await this.createConcept(request, attempt)
      const resultId = await attempt.clock.stage('store_concept', () => this.#complete(attempt, concept))
      await this.#tidyUp(claimed, concept, folderEntry)
      return { kind: 'completed', resultId }
    } catch (error) {
      const verdict = decide(error, {
        attempt: claimed.attempt - claimed.attemptsBefore,
        maxAttempts: claimed.maxAttempts,
        earlierFailures: claimed.earlierFailures,
        lost: lossOf(claimed.lost, error),
        stopping: stopping.aborted,
        random: Math.random(),
      })
      return this.#record(claimed, verdict, attempt.clock.timings())
    } finally {
      images.close()
    }
  }

  #complete({ task, clock }: Attempt, concept: FinishedConcept): Promise<string> {
    return this.services.concepts.complete(task, concept, () => clock.timings()).then(storedId)
  }

  /**
   * Removes what the task no longer needs: the images that its attempts were resumed from, and what earlier claims
   * stored under other names. Only now, when the concept is committed: before that this claim may be lost, and the
   * objects another's. Where this fails or is cut short, any worker does it later, by the folder's entry.
   */
  async #tidyUp(task: ClaimedTask, { stored, variations }: FinishedConcept, entry: string): Promise<void> {
    const paths = [stored.path, ...variations.map((variation) => variation.stored.path)]
    try {
      await this.services.store.keepOnly(taskFolder(task.userId, task.id), paths)
      await this.services.folders.close(task, entry)
    } catch (error) {
      this.services.log.warn({ taskId: task.id, err: error }, 'objects of attempts could not be removed yet')
    }
  }

  /**
   * What this claim stored after it was lost may be named by nobody, and the claim's successor may have tidied up
   * already, so it asks for another look. It removes nothing itself: what it stored before may be what the successor
   * goes on from.
   */
  async #noteObjects(task: ClaimedTask): Promise<void> {
    try {
      await this.services.folders.reopen(task)
    } catch (error) {
      this.services.log.warn({ taskId: task.id, err: error }, 'objects of a lost claim could not be noted')
    }
  }

  async #record(task: ClaimedTask, verdict: Verdict, timings: readonly StageTiming[]): Promise<Outcome> {
    try {
      const recorded = await this.#write(task, verdict, timings)
      if (!recorded || verdict.kind === 'cancelled') await this.#noteObjects(task)
      if (recorded) return verdict
      return lossOf(task.lost, null) === 'cancelled' ? { kind: 'cancelled' } : { kind: 'lost' }
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

function storedId(resultId: string | null): string {
  if (resultId === null) throw new ClaimLost('taken')
  return resultId
}

function checkAttempts(task: ClaimedTask): void {
  if (task.attempt - task.attemptsBefore > task.maxAttempts) {
    throw new Failure('abandoned', `none of ${task.maxAttempts} attempts came to an end`)
  }
}

/** The signal knows best; a refused write may come before it, or without it. */
function lossOf(lost: AbortSignal, error: unknown): ClaimLoss | null {
  if (!lost.aborted) return error instanceof ClaimLost ? error.how : null
  return lost.reason instanceof ClaimLost ? lost.reason.how : 'expired'
}

function logTiming(log: TaskLog, task: ClaimedTask, timing: StageTiming): void {
  const { stage, step, item, waitMs, runMs, outcome, errorCode } = timing
  const fields = {
    taskId: task.id,
    attempt: task.attempt,
    stage,
    // What is undefined is left out of the line.
    step: step ?? undefined,
    item: item ?? undefined,
    waitMs: Math.round(waitMs),
    runMs: Math.round(runMs),
    outcome,
    errorCode: errorCode ?? undefined,
  }
  if (step === null) log.info(fields, 'stage ended')
  else log.debug(fields, 'step ended')
}
