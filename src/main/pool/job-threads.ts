import { setFlagsFromString } from 'node:v8'
import { closeLoaders } from '../../threads/codec/loader-policy.ts'
import type { JobRequest, JobResult } from '../../threads/protocol.ts'
import { JobMessage } from './job-message.ts'
import { JobThread, type JobThreadOptions } from './job-thread.ts'
import { MOST_AT_ONCE_MS } from './jobs-at-once.ts'

export type JobThreadsOptions = JobThreadOptions & {
  /** Made at once and kept. */
  readonly minThreads: number
  readonly maxThreads: number
}

/**
 * Old objects that a thread's heap has room for from the beginning. A thread holds little, but V8 counts pixels in hand to the
 * heap and would collect for those after every other task: an eighth of the CPU time of all image work.
 */
const FIRST_HEAP_MIB = 64

/** Jobs on their thread, which does one after the other. */
export interface RunningJobs {
  /** One for each job. Rejects with {@link ThreadLost}. */
  readonly results: Promise<readonly JobResult[]>
  /** Nobody waits for them any longer: they lose their thread if they have not ended within a second. */
  giveUp(): void
}

/**
 * All threads, and which of them gets what. Each has a Piscina of its own: with all in one, handing over a job costs the
 * main thread time for every thread that there is.
 */
export class JobThreads {
  /** Those without a job; the last one was busy last, so that the others come to their idle time. */
  readonly #free: JobThread[]
  readonly #all: readonly JobThread[]

  constructor({ minThreads, maxThreads, ...options }: JobThreadsOptions) {
    closeLoaders()
    // It is for the threads that are made from now on; there is no such option for one alone.
    setFlagsFromString(`--initial-heap-size=${FIRST_HEAP_MIB}`)
    const onFree = (thread: JobThread) => this.#free.push(thread)
    this.#all = Array.from({ length: maxThreads }, (_, i) => new JobThread(options, i < minThreads, onFree))
    this.#free = this.#all.toReversed()
  }

  get hasFree(): boolean {
    return this.#free.length > 0
  }

  get busy(): number {
    return this.#all.length - this.#free.length
  }

  /**
   * Whether a message may lie ready with a thread that is about to be done. While another one has lain ready for
   * longer than a usual one takes, none may: else no thread might become free for that one as long as there is work.
   */
  get mayLieReady(): boolean {
    const before = performance.now() - MOST_AT_ONCE_MS
    return this.#doneNext() !== undefined && !this.#all.some(({ next }) => next && next.sinceMs <= before)
  }

  /**
   * Hands jobs to a free thread, or where there is none, to the one that is expected to be done next. Where nobody knows
   * that either, as when jobs have lost their thread and others have got the new one, to the one with the least to do.
   */
  run(requests: readonly JobRequest[], expectedMs: number): RunningJobs {
    const thread = this.#free.pop() ?? this.#doneNext() ?? this.#leastToDo()
    const message = new JobMessage(requests, expectedMs)
    thread.hand(message)
    // It may be with another thread by then.
    return { results: message.results, giveUp: () => this.#all.forEach((each) => each.giveUp(message)) }
  }

  /** Lets a free thread have what has lain ready with another for so long; false where there is none of either. */
  takeOver(waitedMs: number): boolean {
    const free = this.#free.at(-1)
    if (!free) return false
    const before = performance.now() - waitedMs
    for (const thread of this.#all) {
      const { next } = thread
      if (!next || next.sinceMs > before || !thread.takeBack(next.message)) continue
      this.#free.pop()
      free.hand(next.message)
      return true
    }
    return false
  }

  /** Ends the threads at once; does not resolve while one of them hangs in native code. */
  async stop(): Promise<void> {
    await Promise.all(this.#all.map((thread) => thread.stop()))
  }

  #leastToDo(): JobThread {
    return this.#all.reduce((least, each) => (each.messages < least.messages ? each : least))
  }

  /** One that is late is passed over: nobody knows when it is done. */
  #doneNext(): JobThread | undefined {
    let earliest: { readonly thread: JobThread; readonly atMs: number } | undefined
    const now = performance.now()
    for (const thread of this.#all) {
      const atMs = thread.doneAtMs
      if (atMs === undefined || Math.abs(atMs - now) > MOST_AT_ONCE_MS) continue
      if (!earliest || atMs < earliest.atMs) earliest = { thread, atMs }
    }
    return earliest?.thread
  }
}
