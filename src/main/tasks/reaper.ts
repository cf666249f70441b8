import type { TaskLog } from '../../processors/services.ts'
import { TASK_TYPES, type ClaimedTask, type TaskReference } from '../../processors/task.ts'
import type { TaskStore, DueTask } from './task-store.ts'

/** Due tasks, claimed as they are found. */
export type DueTasks = Pick<TaskStore, 'claimDue' | 'takeBack'>

/** Who does the work of claimed tasks. */
export interface Runner {
  /** Tasks that could start at once. */
  readonly freeSlots: number
  /** Ids of the tasks that it has begun or keeps in line. */
  readonly inHand: readonly string[]
  /** Resolves when the task has ended. */
  run(reference: TaskReference, claimed: ClaimedTask): Promise<unknown>
}

/** Says of which types tasks may begin: what they need may be down. */
export interface Admission {
  /** Whether any number of tasks of this type may. */
  isFree(taskType: string): boolean
  /** Where a single one may, to find out whether others can: what to call at its end. Null where none may. */
  tryBegin(taskType: string): (() => void) | null
}

export type ReaperOptions = {
  /** How long due work waits at most until it is claimed, by a worker that has room for it or by one that has none. */
  readonly periodMs: number
  /** How long a task may wait for its message before it is run without. */
  readonly graceMs: number
  /** Tasks that are claimed and kept in line where every slot is taken. */
  readonly maxBeyond: number
}

/** The longest time between two looks, as a share of the period. */
const LOOK = 0.5
/** The share of the period for which a worker without a free slot leaves due work to others; the rest is for the claim. */
const LEAVE = 0.25

/**
 * Finds work that is due and that nobody holds, and claims it as it finds it: leases that have run out because a worker
 * died or stands still, tasks whose retry time has come or that were released, and tasks whose message has not come.
 * Of any number of reapers each finds other tasks.
 *
 * A worker whose slots are all taken leaves them to others for a quarter of the period. What nobody has taken then it claims all the
 * same, within bounds, and runs it before the tasks of messages: a backlog must not keep waiting what a dead worker or a
 * retry has left until it is over.
 *
 * Tasks of a type that needs something which is down are left where they are, but for a single one where it is to be
 * found out how things stand.
 */
export class Reaper {
  readonly #tasks: DueTasks
  readonly #runner: Runner
  readonly #admission: Admission
  readonly #options: ReaperOptions
  readonly #log: TaskLog
  readonly #running = new Set<Promise<unknown>>()
  #beyond = 0
  #timer: NodeJS.Timeout | undefined
  #sweep: Promise<void> | undefined
  #isStarted = false
  /** A look had no answer: it may have claimed tasks that nobody here knows of. */
  #isAnswerMissing = false

  constructor(tasks: DueTasks, runner: Runner, admission: Admission, options: ReaperOptions, log: TaskLog) {
    this.#tasks = tasks
    this.#runner = runner
    this.#admission = admission
    this.#options = options
    this.#log = log
  }

  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#lookLater()
  }

  /** Looks no more; resolves when what was found has ended. */
  async stop(): Promise<void> {
    this.#isStarted = false
    clearTimeout(this.#timer)
    await this.#sweep
    await Promise.all(this.#running)
  }

  #lookLater(): void {
    // At random up to half of it sooner, so that workers do not look in step.
    const waitMs = this.#options.periodMs * LOOK * (0.5 + Math.random() / 2)
    this.#timer = setTimeout(() => {
      this.#sweep = this.#sweepOnce().finally(() => {
        if (this.#isStarted) this.#lookLater()
      })
    }, waitMs)
  }

  async #sweepOnce(): Promise<void> {
    const { periodMs } = this.#options
    try {
      if (this.#isAnswerMissing) await this.#takeBack()
      const free = this.#runner.freeSlots
      const found = free > 0 ? await this.#claim(free, 0) : 0
      // Told to stop meanwhile, it would claim tasks only to give them back.
      if (found < free || !this.#isStarted) return
      await this.#claim(this.#options.maxBeyond - this.#beyond, periodMs * LEAVE, true)
    } catch (error) {
      this.#isAnswerMissing = true
      this.#log.warn({ err: error }, 'due tasks could not be looked for')
    }
  }

  async #takeBack(): Promise<void> {
    const due = await this.#tasks.takeBack(() => this.#runner.inHand)
    this.#isAnswerMissing = false
    for (const task of due) this.#start(task, false)
  }

  /** Claims and starts tasks that have been due for that long; answers how many. */
  async #claim(limit: number, overdueMs: number, isBeyond = false): Promise<number> {
    if (limit <= 0) return 0
    const held = TASK_TYPES.filter((type) => !this.#admission.isFree(type))
    let found = await this.#claimOf(held, limit, overdueMs, isBeyond)
    for (const type of held) {
      if (found === limit || !this.#isStarted) break
      found += await this.#tryOne(type, overdueMs, isBeyond)
    }
    return found
  }

  /** Claims and starts one task of a type of which no more may begin, where one may. */
  async #tryOne(type: string, overdueMs: number, isBeyond: boolean): Promise<number> {
    const end = this.#admission.tryBegin(type)
    if (!end) return 0
    const others = TASK_TYPES.filter((other) => other !== type)
    let found = 0
    try {
      found = await this.#claimOf(others, 1, overdueMs, isBeyond, end)
    } finally {
      if (found === 0) end()
    }
    return found
  }

  async #claimOf(
    exceptTypes: readonly string[],
    limit: number,
    overdueMs: number,
    isBeyond: boolean,
    onEnd?: () => void,
  ): Promise<number> {
    // What is still in hand here, although its lease is over, is about to be given back by itself.
    const except = this.#runner.inHand
    const { graceMs } = this.#options
    const due = await this.#tasks.claimDue({ limit, overdueMs, graceMs, except, exceptTypes })
    for (const task of due) this.#start(task, isBeyond, onEnd)
    return due.length
  }

  #start({ reference, task }: DueTask, isBeyond: boolean, onEnd?: () => void): void {
    if (isBeyond) this.#beyond++
    const running = this.#runner.run(reference, task).finally(() => {
      this.#running.delete(running)
      if (isBeyond) this.#beyond--
      onEnd?.()
    })
    this.#running.add(running)
  }
}
