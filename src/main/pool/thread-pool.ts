import { Failure } from '../../processors/failure.ts'
import type { Timed } from '../../processors/stage-clock.ts'
import type { JobInput, JobName, JobOutput, JobRequest, JobResult } from '../../threads/protocol.ts'
import { imageFailure } from './image-failure.ts'
import { JobQueue, TaskShare, type JobCost, type StartedJob } from './job-queue.ts'
import { JobThreads, ThreadLost, type RunningJob } from './job-threads.ts'

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
}

/** Memory that a job takes while it runs. */
export interface JobMemory {
  /** False when there is none now; what runs will give some back. */
  startJob(): boolean
  endJob(): void
}

/** Whose job it is, and what it takes. */
export type JobTerms = {
  readonly share: PoolShare
  readonly cost: JobCost
  /** Undefined where it is not counted. */
  readonly memory: JobMemory | undefined
}

type Job = {
  readonly request: JobRequest
  readonly signal: AbortSignal
  readonly memory: JobMemory | undefined
  readonly resolve: (result: JobResult) => void
  readonly reject: (error: unknown) => void
  /** Once it has a thread. */
  running?: RunningJob
}

/** A task's claim on thread time. */
export type PoolShare = TaskShare<Job>

/** First come, first served. */
const UNKNOWN_COST: JobCost = { jobMs: 0, taskMs: 0 }
/** A job that loses its thread gets another. The second one that it takes along is its own doing. */
const MAX_THREADS_LOST = 2
/** Noise of 32 megapixels needs a quarter of it. */
const MAX_HEAP_MIB = 1024

/**
 * The image threads: one job a thread at a time, in the order that {@link JobQueue} says. There are never more jobs
 * with the threads than threads, so that the order is decided as late as it can be; the next one is handed over in the
 * same turn of the event loop in which the last one's result comes in, so that no thread waits for more than that.
 *
 * A job that is still queued when its signal aborts is never run. One that runs gets a second to end, because ending a
 * thread costs more than most jobs; its caller does not wait for it.
 */
export class ThreadPool {
  readonly #threads: JobThreads
  readonly #queue: JobQueue<Job>
  readonly #options: ThreadPoolOptions
  readonly #stopping = new AbortController()
  #running = 0
  #threadsLost = 0

  constructor(options: ThreadPoolOptions) {
    this.#options = options
    this.#queue = new JobQueue(options.maxThreads)
    const fromSources = import.meta.url.endsWith('.ts')
    this.#threads = new JobThreads({
      maxHeapMib: MAX_HEAP_MIB,
      entry: new URL(`../../threads/worker.${fromSources ? 'ts' : 'js'}`, import.meta.url),
      ...options,
    })
  }

  get threads(): number {
    return this.#options.maxThreads
  }

  get busyThreads(): number {
    return this.#running
  }

  /** Jobs that wait for a thread. */
  get queuedJobs(): number {
    return this.#queue.length
  }

  /** Threads that were lost under a job, since the start. */
  get threadsLost(): number {
    return this.#threadsLost
  }

  /** A share for a task whose jobs are to be served together; it ends with `close`. */
  open(): PoolShare {
    return new TaskShare()
  }

  close(share: PoolShare): void {
    this.#queue.close(share)
    this.#startNext()
  }

  /** Runs one job, on its own without `terms`. Throws a Failure, or the signal's reason once it is aborted. */
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
      const result = await new Promise<JobResult>((resolve, reject) => {
        const request = { job, input } as unknown as JobRequest
        const onAbort = () => {
          this.#queue.remove(queued)
          waiting.running?.giveUp()
          reject(signal.reason as Error)
        }
        const stopListening = () => signal.removeEventListener('abort', onAbort)
        const waiting: Job = {
          request,
          signal,
          memory: terms?.memory,
          resolve: (result) => {
            stopListening()
            resolve(result)
          },
          reject: (error) => {
            stopListening()
            reject(error)
          },
        }
        const queued = this.#queue.add(share, waiting, terms?.cost ?? UNKNOWN_COST)
        signal.addEventListener('abort', onAbort, { once: true })
        this.#startNext()
      })
      if (!result.ok) throw imageFailure(result.code, result.message)
      const waitMs = Math.max(0, performance.now() - queuedAtMs - result.runMs)
      return { value: result.output, runMs: result.runMs, waitMs }
    } finally {
      if (!terms) this.close(share)
    }
  }

  /** Ends the threads at once; stop what uses them first. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#threads.stop()
  }

  #startNext(): void {
    while (this.#running < this.#options.maxThreads) {
      const next = this.#queue.take(({ memory }) => memory?.startJob() ?? true)
      if (!next) return
      this.#running++
      void this.#execute(next)
    }
  }

  async #execute(started: StartedJob<Job>): Promise<void> {
    const { job } = started
    const startedAtMs = performance.now()
    try {
      job.resolve(await this.#runJob(job))
    } catch (error) {
      job.reject(error)
    } finally {
      this.#running--
      job.memory?.endJob()
      this.#queue.ended(started, performance.now() - startedAtMs)
      this.#startNext()
    }
  }

  async #runJob(job: Job): Promise<JobResult> {
    for (let lost = 1; ; lost++) {
      try {
        job.signal.throwIfAborted()
        job.running = this.#threads.run(job.request)
        return await job.running.result
      } catch (error) {
        if (!(error instanceof ThreadLost)) throw error
        if (this.#stopping.signal.aborted) throw new Failure('image_thread', error.message, { cause: error })
        this.#threadsLost++
        this.#options.onThreadLost?.(error, job.request.job)
        if (lost === MAX_THREADS_LOST) {
          const message = `${error.message}, twice over the same image`
          throw new Failure('image_thread', message, { cause: error, retryable: false })
        }
      }
    }
  }
}
