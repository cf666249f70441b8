import type { Timed } from '../../processors/stage-clock.ts'
import type { JobInput, JobName, JobOutput, JobRequest } from '../../threads/protocol.ts'
import { imageFailure } from './image-failure.ts'
import type { Load } from './in-flight-target.ts'
import { JobQueue, TaskShare, type JobCost, type StartedJobs } from './job-queue.ts'
import { JobRunner, type FinishedJob, type RunnableJob } from './job-runner.ts'
import type { ThreadLost } from './job-message.ts'
import { JobThreads } from './job-threads.ts'
import { MOST_AT_ONCE_MS } from './jobs-at-once.ts'

export type ThreadPoolOptions = {
  readonly minThreads: number
  readonly maxThreads: number
  /** A job that runs longer is hung: its thread is ended and replaced. */
  readonly jobTimeoutMs: number
  /** The module that a thread runs; the image work where unset. */
  readonly entry?: URL
  readonly maxHeapMib?: number
  /** Hears of every thread that was lost under a job, also where the job then ends well on another one. */
  readonly onThreadLost?: (lost: ThreadLost, job: JobName) => void
  /** While it is saturated, a task's jobs are not spread over the threads. */
  readonly mainThread?: Load
}

/** Memory that jobs on one image take while they run one after the other on one thread. */
export interface JobMemory {
  /** False when there is none now; what runs will give some back. */
  startJobs(count: number): boolean
  endJobs(count: number): void
}

/** Whose job it is, and what it takes. */
export type JobTerms = {
  readonly share: PoolShare
  readonly cost: JobCost
  /** Undefined where it is not counted. */
  readonly memory: JobMemory | undefined
}

type Job = RunnableJob & { readonly memory: JobMemory | undefined }

/** A task's claim on thread time. */
export type PoolShare = TaskShare<Job>

/** First come, first served. */
const UNKNOWN_COST: JobCost = { jobMs: 0, taskMs: 0 }
/** Noise of 32 megapixels needs a quarter of it. */
const MAX_HEAP_MIB = 1024

/**
 * The image threads: one job a thread at a time, in the order that {@link JobQueue} says, or some of one task that it
 * does one after the other. The order is decided late: while all threads are busy, each may have one message more lie
 * ready, so that it need not wait for the main thread between two, but only a short one behind a short one. A thread that
 * becomes free takes over what lies ready with another where nothing else is to be done, or before all else where that
 * one keeps it for longer than expected.
 *
 * A job that is still queued when its signal aborts is never run. One that runs gets a second to end, because ending a
 * thread costs more than most jobs; its caller does not wait for it.
 */
export class ThreadPool {
  readonly #threads: JobThreads
  readonly #runner: JobRunner
  readonly #queue: JobQueue<Job>
  readonly #options: ThreadPoolOptions
  #isStartDue = false

  constructor(options: ThreadPoolOptions) {
    this.#options = options
    this.#queue = new JobQueue(options.maxThreads)
    const fromSources = import.meta.url.endsWith('.ts')
    this.#threads = new JobThreads({
      maxHeapMib: MAX_HEAP_MIB,
      entry: new URL(`../../threads/worker.${fromSources ? 'ts' : 'js'}`, import.meta.url),
      ...options,
    })
    this.#runner = new JobRunner(this.#threads, options.onThreadLost)
  }

  get threads(): number {
    return this.#options.maxThreads
  }

  get busyThreads(): number {
    return this.#threads.busy
  }

  /** Jobs that wait for a thread. */
  get queuedJobs(): number {
    return this.#queue.length
  }

  /** Threads that were lost under a job, since the start. */
  get threadsLost(): number {
    return this.#runner.threadsLost
  }

  /** A share for a task whose jobs are to be served together; it ends with `close`. */
  open(): PoolShare {
    return new TaskShare()
  }

  close(share: PoolShare): void {
    this.#queue.close(share)
    this.#startNext()
  }

  /**
   * Runs one job, on its own without `terms`. Throws a Failure, or the signal's reason once it is aborted. Jobs of one
   * share that are handed in together may get one thread together.
   */
  async run<N extends JobName>(
    job: N,
    input: JobInput<N>,
    signal: AbortSignal,
    terms?: JobTerms,
  ): Promise<Timed<JobOutput<N>>> {
    signal.throwIfAborted()
    const share = terms?.share ?? this.open()
    const queuedAtMs = performance.now()
    try {
      const { result, restMs } = await new Promise<FinishedJob>((resolve, reject) => {
        const request = { job, input } as unknown as JobRequest
        const onAbort = () => {
          this.#queue.remove(queued)
          waiting.giveUp?.()
          reject(signal.reason as Error)
        }
        const stopListening = () => signal.removeEventListener('abort', onAbort)
        const waiting: Job = {
          request,
          signal,
          memory: terms?.memory,
          resolve: (finished) => {
            stopListening()
            resolve(finished)
          },
          reject: (error) => {
            stopListening()
            reject(error)
          },
        }
        const queued = this.#queue.add(share, waiting, terms?.cost ?? UNKNOWN_COST)
        signal.addEventListener('abort', onAbort, { once: true })
        this.#startSoon()
      })
      if (!result.ok) throw imageFailure(result)
      const waitMs = Math.max(0, performance.now() - queuedAtMs - result.runMs - restMs)
      return { value: result.output, waitMs, runMs: result.runMs, restMs }
    } finally {
      if (!terms) this.close(share)
    }
  }

  /** Ends the threads at once; stop what uses them first. */
  async stop(): Promise<void> {
    this.#runner.stopping()
    await this.#threads.stop()
  }

  /** After the jobs that are handed in together with the last one. */
  #startSoon(): void {
    if (this.#isStartDue) return
    this.#isStartDue = true
    queueMicrotask(() => {
      this.#isStartDue = false
      this.#startNext()
    })
  }

  #startNext(): void {
    for (;;) {
      if (this.#threads.takeOver(MOST_AT_ONCE_MS)) continue
      const next = this.#takeNext()
      if (next) void this.#execute(next)
      else if (!this.#threads.takeOver(0)) return
    }
  }

  #takeNext(): StartedJobs<Job> | undefined {
    const isSaturated = this.#options.mainThread?.isSaturated
    if (this.#threads.hasFree) return this.#queue.take(mayStart, isSaturated)
    return this.#threads.mayLieReady ? this.#queue.take(mayLieReady, isSaturated) : undefined
  }

  async #execute(started: StartedJobs<Job>): Promise<void> {
    const { jobs, expectedMs } = started
    let ranMs = 0
    try {
      ranMs = await this.#runner.run(jobs, expectedMs)
    } catch (error) {
      for (const job of jobs) job.reject(error)
    } finally {
      jobs[0]?.memory?.endJobs(jobs.length)
      this.#queue.ended(started, ranMs)
      this.#startNext()
    }
  }
}

/** Jobs that are known to be short. */
function mayLieReady(jobs: readonly Job[], expectedMs: number): boolean {
  return expectedMs > 0 && expectedMs <= MOST_AT_ONCE_MS && mayStart(jobs)
}

/** Jobs go to a thread together where they are of one kind and on one image, and there is memory for them. */
function mayStart(jobs: readonly Job[]): boolean {
  const first = jobs[0]
  const isOneKind = jobs.every(
    ({ memory, request }) => memory === first?.memory && request.job === first?.request.job,
  )
  return isOneKind && (first?.memory?.startJobs(jobs.length) ?? true)
}
