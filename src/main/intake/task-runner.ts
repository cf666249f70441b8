import { isOfTheUser, type Failure } from '../../processors/failure.ts'
import { Interruption } from '../../processors/interruption.ts'
import { asFailure, type Outcome } from '../../processors/outcome.ts'
import type { TaskLog } from '../../processors/services.ts'
import type { ClaimedTask, TaskReference } from '../../processors/task.ts'

/** The part of the processors that the runner needs. */
export interface Processors {
  get(taskType: string): {
    /** Calls `onClaimed` once Postgres holds the claim. */
    process(
      reference: TaskReference,
      stopping: Interruption,
      onClaimed: () => void,
      claimed?: ClaimedTask,
    ): Promise<Outcome>
  }
}

/** Hears how every task ended that was begun. */
export interface TaskMeter {
  taskEnded(taskType: string, outcome: Outcome): void
}

/** A task in hand, and the name that it was called by. */
class TaskInHand {
  readonly reference: TaskReference
  readonly interruption = new Interruption()
  /** Set as soon as there is such a task. */
  outcome!: Promise<Outcome>
  #isClaimed = false
  #onClaimed: (() => void) | undefined

  constructor(reference: TaskReference) {
    this.reference = reference
  }

  /** Once the claim is in Postgres. Hardly ever does anybody ask. */
  get claimed(): Promise<void> {
    const earlier = this.#onClaimed
    return new Promise((resolve) => {
      if (this.#isClaimed) resolve()
      else
        this.#onClaimed = () => {
          earlier?.()
          resolve()
        }
    })
  }

  isNowClaimed(): void {
    this.#isClaimed = true
    this.#onClaimed?.()
  }
}

/** How many tasks may run at once; it changes with what they take. */
export interface InFlight {
  readonly current: number
}

/**
 * Runs tasks, at most so many at once and each only once at a time, wherever they come from: a message or the
 * reaper. What is beyond the limit waits in the order of arrival, the claimed before the others.
 */
export class TaskRunner {
  readonly #processors: Processors
  readonly #limit: InFlight
  readonly #meter: TaskMeter
  readonly #log: TaskLog
  readonly #tasks = new Map<string, TaskInHand>()
  /** Those whose tasks are claimed already go first. */
  readonly #claimed: (() => void)[] = []
  readonly #waiting: (() => void)[] = []
  #inFlight = 0
  #draining = false

  constructor(processors: Processors, limit: InFlight, meter: TaskMeter, log: TaskLog) {
    this.#processors = processors
    this.#limit = limit
    this.#meter = meter
    this.#log = log
  }

  /** Tasks that could start at once. */
  get freeSlots(): number {
    if (this.#draining) return 0
    return Math.max(0, this.#limit.current - this.#inFlight - this.#claimed.length - this.#waiting.length)
  }

  /** Ids of the tasks that run or wait for their turn. */
  get inHand(): readonly string[] {
    return [...this.#tasks.keys()]
  }

  /**
   * Handles one task when its turn comes; the outcome holds whatever goes wrong. Named again while it is in hand it is
   * not started a second time: the second call answers that it is held once the claim is in Postgres, and not before,
   * because a message may be acknowledged on that word; without a claim it ends as the first does.
   *
   * One that is `claimed` already is no second call: it waits for the end of what is in hand under an older claim, goes
   * before those that are not claimed, and is released where the worker stops.
   */
  run(reference: TaskReference, claimed?: ClaimedTask): Promise<Outcome> {
    const other = this.#tasks.get(reference.taskId)
    return other ? this.#runBeside(other, reference, claimed) : this.#begin(reference, claimed)
  }

  #begin(reference: TaskReference, claimed: ClaimedTask | undefined): Promise<Outcome> {
    const task = new TaskInHand(reference)
    this.#tasks.set(reference.taskId, task)
    task.outcome = this.#runInTurn(task, claimed)
    return task.outcome
  }

  async #runBeside(
    first: TaskInHand,
    reference: TaskReference,
    claimed: ClaimedTask | undefined,
  ): Promise<Outcome> {
    // Under another user's name, or as another type, the same task is another matter: one of the two is false, and
    // only the claim knows which. Neither may make the other look like a second delivery.
    for (let other: TaskInHand | undefined = first; other; other = this.#tasks.get(reference.taskId)) {
      if (!claimed && isSameCall(other.reference, reference)) {
        return Promise.race([other.claimed.then(asHeld), other.outcome])
      }
      await other.outcome
    }
    return this.#begin(reference, claimed)
  }

  /**
   * Starts nothing more, lets running tasks end within `timeoutMs`, then interrupts the rest. Resolves when
   * none is left; tasks that were still waiting for their turn end as interrupted, never claimed.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true
    for (const wake of [...this.#claimed.splice(0), ...this.#waiting.splice(0)]) {
      this.#inFlight++
      wake()
    }
    const hurry = setTimeout(() => {
      for (const { interruption } of this.#tasks.values()) interruption.abort(new Error('the worker stops'))
    }, timeoutMs)
    await Promise.all([...this.#tasks.values()].map(({ outcome }) => outcome))
    clearTimeout(hurry)
  }

  async #runInTurn(task: TaskInHand, claimed: ClaimedTask | undefined): Promise<Outcome> {
    const { reference, interruption } = task
    try {
      if (this.#draining || this.#inFlight < this.#limit.current) this.#inFlight++
      // Whoever calls it counts it.
      else await this.#turn(claimed !== undefined)
      if (this.#draining) {
        if (!claimed) return { kind: 'interrupted' }
        interruption.abort(new Error('the worker stops'))
      }
      const processor = this.#processors.get(reference.taskType)
      const outcome = await processor.process(reference, interruption, () => task.isNowClaimed(), claimed)
      this.#meter.taskEnded(reference.taskType, outcome)
      logOutcome(this.#log, reference, outcome)
      return outcome
    } catch (error) {
      // A processor does not throw; should one do it all the same, its task is left to the lease.
      this.#log.error({ taskId: reference.taskId, err: error }, 'a processor threw')
      return { kind: 'unrecorded', failure: asFailure(error) }
    } finally {
      this.#tasks.delete(reference.taskId)
      this.#inFlight--
      this.#startWaiting()
    }
  }

  #turn(isClaimed: boolean): Promise<void> {
    return new Promise((resolve) => (isClaimed ? this.#claimed : this.#waiting).push(resolve))
  }

  /** One, none or several of those that wait, as the limit has changed meanwhile. */
  #startWaiting(): void {
    while (this.#inFlight < this.#limit.current) {
      const next = this.#claimed.shift() ?? this.#waiting.shift()
      if (!next) return
      this.#inFlight++
      next()
    }
  }
}

function isSameCall(a: TaskReference, b: TaskReference): boolean {
  return a.userId === b.userId && a.taskType === b.taskType
}

function asHeld(): Outcome {
  return { kind: 'skipped', reason: 'held' }
}

function logOutcome(log: TaskLog, { taskId }: TaskReference, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'completed':
      log.info({ taskId, resultId: outcome.resultId }, 'task completed')
      return
    case 'failed':
      logFailure(log, taskId, outcome.failure)
      return
    case 'retry':
      log.warn({ taskId, afterMs: outcome.afterMs, ...describe(outcome.failure) }, 'task will be retried')
      return
    case 'lost':
      log.warn({ taskId }, 'task lost to another claim')
      return
    case 'cancelled':
      log.info({ taskId }, 'task cancelled while it ran')
      return
    case 'interrupted':
      log.info({ taskId }, 'task released')
      return
    case 'skipped':
      log.info({ taskId, reason: outcome.reason }, 'task skipped')
      return
    case 'unrecorded':
      log.error({ taskId, ...describe(outcome.failure) }, 'the outcome of a task could not be recorded')
  }
}

/** An error is for an operator to look after; what a user asked for in vain is not. */
function logFailure(log: TaskLog, taskId: string, failure: Failure): void {
  if (!isOfTheUser(failure.category)) log.error({ taskId, ...describe(failure) }, 'task failed')
  else log.info({ taskId, errorCode: failure.category, errorMessage: failure.message }, 'task failed')
}

function describe(failure: { category: string; message: string; cause?: unknown }): object {
  return { errorCode: failure.category, errorMessage: failure.message, err: failure.cause }
}
