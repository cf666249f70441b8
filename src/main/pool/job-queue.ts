import { jobsAtOnce } from './jobs-at-once.ts'
import { ReadyHeap } from './ready-heap.ts'

/** Thread time up to which a task is light; a usual one takes less than a tenth of it. */
const LIGHT_MS = 1_000
/** A job that is expected to keep its thread for longer. */
const LONG_MS = 500
/** Of the thread time that light and heavy tasks compete for, the heavy ones get one part and the light ones three. */
const LIGHT_PARTS = 3
/** Thread time by which light work may be ahead of its part when it comes after a pause. */
const LIGHT_CREDIT_MS = 2_500
/** A picture may be this much harder than an ordinary one of its size. */
const MAX_HARDNESS = 50

/** The thread time of one task, and its jobs that wait. */
export class TaskShare<J> {
  readonly waiting: QueuedJob<J>[] = []
  /** Of the jobs that have ended: what they took, and what they would have taken on an ordinary picture. */
  usedMs = 0
  ordinaryMs = 0
  /** What the jobs that run now are expected to take. */
  runningMs = 0
  /** Place in the order in which tasks had their first job; undefined before. */
  order: number | undefined
  /** Raised with every change, so that what the heap knows of an earlier state is told from the present one. */
  version = 0
}

export type QueuedJob<J> = {
  readonly job: J
  readonly share: TaskShare<J>
  readonly cost: JobCost
}

/** What the work would take of thread time on an ordinary picture of the size. */
export type JobCost = {
  readonly jobMs: number
  /** All usual work on the picture together. */
  readonly taskMs: number
}

/** Jobs of one task that have a thread, which does one after the other. */
export type StartedJobs<J> = {
  readonly jobs: readonly J[]
  readonly share: TaskShare<J>
  /** Of all of them: what they would take on an ordinary picture, and what they are expected to. */
  readonly ordinaryMs: number
  readonly expectedMs: number
  readonly isHeavy: boolean
  readonly isLong: boolean
}

type Version<J> = { readonly share: TaskShare<J>; readonly version: number }

/**
 * Decides whose job gets the next free thread. Three rules:
 *
 * 1. A task is light while it has taken less than a second of thread time, the job at hand included, and its picture is
 *    of a size that usually takes less; else it is heavy. Heavy tasks have levels, one for each doubling of that time,
 *    and a lower level goes first: nobody gets ahead by being large. Within a level the task that began first goes
 *    first, so that started tasks are finished before others are begun: that keeps latency and memory low. Light
 *    tasks, which all have one level, are so served in the order of their beginning.
 * 2. While both wait, light tasks get three quarters of the thread time and heavy ones the rest, so that neither
 *    starves the other. What a class has had is charged when a job starts, by what it is expected to take, and
 *    corrected when it ends.
 * 3. A job cannot be taken off its thread. While light tasks have images in hand, jobs that are expected to take more
 *    than a second therefore leave one thread to others, where there is more than one.
 *
 * What a job is expected to take follows from the size of the picture, times how much longer than usual the task's
 * earlier jobs took: noise shows itself with its first.
 *
 * A free thread takes what there is, so that one task's jobs spread over idle threads; when all are busy it takes several
 * of them at once, as {@link jobsAtOnce} says. Picking costs O(log n) with n tasks waiting. It has no clock and no randomness.
 */
export class JobQueue<J> {
  readonly #threads: number
  readonly #longLimit: number
  readonly #light = new ReadyHeap<Version<J>>()
  readonly #heavy = new ReadyHeap<Version<J>>()
  readonly #lightInHand = new Set<TaskShare<J>>()
  /** Thread time that each class has had, divided by its parts. */
  #lightServedMs = 0
  #heavyServedMs = 0
  #longRunning = 0
  #waiting = 0
  #orders = 0

  constructor(threads: number) {
    this.#threads = threads
    this.#longLimit = Math.max(1, threads - 1)
  }

  /** Jobs that have no thread yet. */
  get length(): number {
    return this.#waiting
  }

  add(share: TaskShare<J>, job: J, cost: JobCost): QueuedJob<J> {
    share.order ??= this.#orders++
    const queued = { job, share, cost }
    share.waiting.push(queued)
    this.#waiting++
    if (share.waiting.length === 1) this.#place(share)
    return queued
  }

  /** Takes a job back that has no thread yet. */
  remove(queued: QueuedJob<J>): void {
    const { share } = queued
    const at = share.waiting.indexOf(queued)
    if (at < 0) return
    share.waiting.splice(at, 1)
    this.#waiting--
    if (at === 0) this.#place(share)
  }

  /** The task needs no more threads; what it has running ends as it will. */
  close(share: TaskShare<J>): void {
    this.#lightInHand.delete(share)
  }

  /**
   * The jobs that get a thread now; undefined when none may. `mayStart` is asked of those whose turn it is, with the time
   * that they are expected to take, of the first alone where they may not, and no other passes that one when it may not
   * either: it waits for something that running jobs are about to give back.
   */
  take(
    mayStart: (jobs: readonly J[], expectedMs: number) => boolean,
    isMainThreadSaturated = false,
  ): StartedJobs<J> | undefined {
    const light = this.#first(this.#light)
    const heavy = this.#first(this.#heavy)
    const mayHeavy = heavy !== undefined && !this.#mustLeaveThread(heavy)
    const isHeavy = mayHeavy && (light === undefined || this.#heavyServedMs < this.#lightServedMs)
    const share = isHeavy ? heavy : light
    const first = share?.waiting[0]
    if (share === undefined || first === undefined) return undefined
    let taken = share.waiting.slice(0, this.#countAtOnce(share, first, isMainThreadSaturated))
    if (taken.length > 1 && !mayStart(jobsOf(taken), expectationOf(taken))) taken = [first]
    if (taken.length === 1 && !mayStart([first.job], expectation(first))) return undefined

    const jobs = jobsOf(taken)
    const ordinaryMs = taken.reduce((sum, { cost }) => sum + cost.jobMs, 0)
    const expectedMs = expectationOf(taken)
    const started = { jobs, share, ordinaryMs, expectedMs, isHeavy, isLong: expectedMs > LONG_MS }
    share.waiting.splice(0, jobs.length)
    this.#waiting -= jobs.length
    share.runningMs += expectedMs
    this.#charge(isHeavy, expectedMs)
    if (started.isLong) this.#longRunning++
    this.#place(share)
    return started
  }

  /** Jobs have ended, in whatever way, after so much time on their thread. */
  ended({ share, ordinaryMs, expectedMs, isHeavy, isLong }: StartedJobs<J>, ranMs: number): void {
    share.runningMs -= expectedMs
    share.usedMs += ranMs
    share.ordinaryMs += ordinaryMs
    this.#charge(isHeavy, ranMs - expectedMs)
    if (isLong) this.#longRunning--
    if (share.usedMs > LIGHT_MS) this.#lightInHand.delete(share)
    this.#place(share)
  }

  #countAtOnce(share: TaskShare<J>, first: QueuedJob<J>, isMainThreadSaturated: boolean): number {
    const ofTask = share.waiting.length
    return jobsAtOnce({
      ofTask,
      ofOthers: this.#waiting - ofTask,
      jobMs: expectation(first),
      threads: this.#threads,
      isMainThreadSaturated,
    })
  }

  /** Brings the heaps up to date with the task's first waiting job. */
  #place(share: TaskShare<J>): void {
    share.version++
    const queued = share.waiting[0]
    if (queued === undefined) return
    const attainedMs = share.usedMs + share.runningMs + expectation(queued)
    const weightMs = Math.max(attainedMs, queued.cost.taskMs)
    const level = weightMs <= LIGHT_MS ? 0 : Math.ceil(Math.log2(weightMs / LIGHT_MS))
    const heap = level === 0 ? this.#light : this.#heavy
    if (level === 0) this.#lightInHand.add(share)
    else this.#lightInHand.delete(share)
    if (this.#first(heap) === undefined) this.#resume(heap)
    heap.push({ item: { share, version: share.version }, level, order: share.order ?? 0 })
  }

  /** A class that had nothing waiting has saved up nothing, or in the case of light work, not much. */
  #resume(heap: ReadyHeap<Version<J>>): void {
    if (heap === this.#heavy) this.#heavyServedMs = Math.max(this.#heavyServedMs, this.#lightServedMs)
    else this.#lightServedMs = Math.max(this.#lightServedMs, this.#heavyServedMs - LIGHT_CREDIT_MS)
  }

  #charge(isHeavy: boolean, ms: number): void {
    if (isHeavy) this.#heavyServedMs += ms
    else this.#lightServedMs += ms / LIGHT_PARTS
  }

  #mustLeaveThread(share: TaskShare<J>): boolean {
    const isLong = expectation(share.waiting[0]!) > LONG_MS
    return isLong && this.#lightInHand.size > 0 && this.#longRunning >= this.#longLimit
  }

  #first(heap: ReadyHeap<Version<J>>): TaskShare<J> | undefined {
    for (let first = heap.first(); first; first = heap.first()) {
      const { share, version } = first.item
      if (share.version === version) return share
      heap.dropFirst()
    }
    return undefined
  }
}

function jobsOf<J>(queued: readonly QueuedJob<J>[]): readonly J[] {
  return queued.map(({ job }) => job)
}

function expectationOf<J>(queued: readonly QueuedJob<J>[]): number {
  return queued.reduce((sum, each) => sum + expectation(each), 0)
}

function expectation<J>({ cost, share }: QueuedJob<J>): number {
  if (share.ordinaryMs === 0) return cost.jobMs
  return cost.jobMs * Math.min(MAX_HARDNESS, Math.max(1, share.usedMs / share.ordinaryMs))
}
