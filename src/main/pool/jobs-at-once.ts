/** What waits when a thread is free, and who could do it. */
export type Waiting = {
  /** Jobs of the task whose turn it is. */
  readonly ofTask: number
  readonly ofOthers: number
  /** Thread time that one job of the task is expected to take. */
  readonly jobMs: number
  readonly threads: number
  /** The main thread has no time left: threads wait for it, not for work. */
  readonly isMainThreadSaturated: boolean
}

/** Thread time that may be handed over at once, several jobs together; a usual task's variations take a tenth of a second. */
export const MOST_AT_ONCE_MS = 250

/**
 * How many of a task's waiting jobs a free thread takes along at once. Each message to a thread costs the main thread
 * time, so they should be few; but no thread is to stand idle while jobs wait, or lie with another thread.
 *
 * Every job that waits for another task keeps one thread from having to be given one of these, so that they are spread
 * over the other threads only: over all where nobody else has work, over none but this one where everybody else's
 * would keep all others busy. Each thread takes its part of what is left (guided self-scheduling: the parts get smaller
 * towards the end, so that all end at about the same time). Where the main thread is saturated, spreading would cost
 * what is short and gain nothing, and one thread takes all.
 *
 * Never more than a quarter of a second, because jobs that come meanwhile wait for it.
 */
export function jobsAtOnce({ ofTask, ofOthers, jobMs, threads, isMainThreadSaturated }: Waiting): number {
  const spreadOver = isMainThreadSaturated ? 1 : Math.max(1, threads - ofOthers)
  return Math.max(1, Math.floor(Math.min(ofTask / spreadOver, MOST_AT_ONCE_MS / jobMs)))
}
