/** What one task has used, from its claim to its end. */
export type TaskUse = {
  /** Thread time of its image work. */
  readonly imageMs: number
  /** Time in which it neither used nor waited for threads or image memory: models, storage, database. */
  readonly elsewhereMs: number
  /** Image memory that it held, over its time in flight. */
  readonly meanBytes: number
}

export type PoolSize = {
  readonly threads: number
  readonly memoryBytes: number
}

/** For each thread: before anything is known, at least, and at most. */
const FIRST_TASKS = 8
const LEAST_TASKS = 2
const MOST_TASKS = 256
/** Tasks that come to the threads in a crowd leave gaps behind; a few more keep the threads busy in those. */
const SPARE = 1.25
const SPARE_TASKS = 2
/** The part of the image memory that images in hand may have; the rest is for the work on them. */
const HELD_PART = 0.75
/** What one task counts in the running means. */
const WEIGHT = 1 / 16

/**
 * How many tasks a worker should hold, so that its threads are busy at what the models take at present. A thread does
 * one task's image work in `imageMs`; to have the next at hand then, it needs as many tasks under way as begin and end
 * their time elsewhere meanwhile (Little's law): `1 + elsewhereMs / imageMs`. A quarter and two more a thread make up
 * for tasks that come in crowds. No more than the image memory can hold; between 2 and 256 a thread.
 */
export function tasksInFlight({ threads, memoryBytes }: PoolSize, use: TaskUse): number {
  const busy = threads * (SPARE * (1 + use.elsewhereMs / use.imageMs) + SPARE_TASKS)
  const held = (HELD_PART * memoryBytes) / use.meanBytes
  return Math.floor(Math.max(threads * LEAST_TASKS, Math.min(busy, held, mostTasksInFlight(threads))))
}

/** The part of the main thread's load that matters here. */
export interface Load {
  readonly isSaturated: boolean
}

/**
 * The number of tasks to hold, anew with every task that ends; or one that was configured. It does not grow while the
 * main thread is saturated: the time that tasks then spend elsewhere is spent waiting for that, and with more of them
 * they would only wait longer.
 */
export class InFlightTarget {
  readonly #size: PoolSize
  readonly #configured: number | null
  readonly #mainThread: Load
  #mean: TaskUse | undefined
  #target: number

  constructor(size: PoolSize, configured: number | null, mainThread: Load) {
    this.#size = size
    this.#configured = configured
    this.#mainThread = mainThread
    this.#target = firstTasksInFlight(size.threads)
  }

  get current(): number {
    return this.#configured ?? this.#target
  }

  /** A task has ended. One that came to no image work says nothing about what keeps the threads busy. */
  record(use: TaskUse): void {
    if (use.imageMs <= 0) return
    const mean = this.#mean ?? use
    const approach = (from: number, to: number) => from + WEIGHT * (to - from)
    this.#mean = {
      imageMs: approach(mean.imageMs, use.imageMs),
      elsewhereMs: approach(mean.elsewhereMs, use.elsewhereMs),
      meanBytes: approach(mean.meanBytes, use.meanBytes),
    }
    const target = tasksInFlight(this.#size, this.#mean)
    if (target <= this.#target || !this.#mainThread.isSaturated) this.#target = target
  }
}

/** How many tasks a worker may ever come to hold. */
export function mostTasksInFlight(threads: number): number {
  return threads * MOST_TASKS
}

/** How many tasks a worker holds before any has ended. */
export function firstTasksInFlight(threads: number): number {
  return threads * FIRST_TASKS
}
