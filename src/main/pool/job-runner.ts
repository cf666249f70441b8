import { Failure } from '../../processors/failure.ts'
import type { JobName, JobRequest, JobResult } from '../../threads/protocol.ts'
import { ThreadLost } from './job-message.ts'
import type { JobThreads } from './job-threads.ts'

/** A result, and for how long its thread went on with other jobs before it answered. */
export type FinishedJob = { readonly result: JobResult; readonly restMs: number }

export type RunnableJob = {
  readonly request: JobRequest
  readonly signal: AbortSignal
  readonly resolve: (finished: FinishedJob) => void
  readonly reject: (error: unknown) => void
  /** Once it has a thread: nobody waits for it any longer. */
  giveUp?: () => void
}

/** Thread time of jobs. */
type Spent = { ms: number }

/** A job that loses its thread gets another. The second one that it takes along is its own doing. */
const MAX_THREADS_LOST = 2
const NOT_BEGUN = 'the image thread ended before it had begun'

/**
 * Runs jobs that have a thread, one after the other, to whatever end. When their thread is lost, only the job that it was
 * at has lost one; since the results of those before it are lost too, all are then done again, each in a message of its
 * own.
 */
export class JobRunner {
  readonly #threads: JobThreads
  readonly #onThreadLost: (lost: ThreadLost, job: JobName) => void
  #isStopping = false
  #threadsLost = 0

  constructor(threads: JobThreads, onThreadLost: (lost: ThreadLost, job: JobName) => void = () => {}) {
    this.#threads = threads
    this.#onThreadLost = onThreadLost
  }

  /** Threads that were lost under a job, since the start. */
  get threadsLost(): number {
    return this.#threadsLost
  }

  /** The threads are about to be ended: one that is lost from now on is not replaced. */
  stopping(): void {
    this.#isStopping = true
  }

  /**
   * What comes of the jobs is told to each of them. Answers the thread time that they took, in ms. Throws what concerns all.
   */
  async run(jobs: readonly RunnableJob[], expectedMs: number): Promise<number> {
    const spent = { ms: 0 }
    let lostAt: number | null = null
    if (jobs.length > 1) {
      try {
        await this.#runOnce(jobs, expectedMs, spent)
        return spent.ms
      } catch (error) {
        lostAt = this.#noteLoss(error, jobs).jobAt
      }
    }
    for (const [at, job] of jobs.entries()) {
      try {
        await this.#runAlone(job, expectedMs / jobs.length, at === lostAt ? 1 : 0, spent)
      } catch (error) {
        job.reject(error)
      }
    }
    return spent.ms
  }

  async #runAlone(job: RunnableJob, expectedMs: number, lostBefore: number, spent: Spent): Promise<void> {
    // Of the lost threads those that were at the job.
    let takenAlong = lostBefore
    for (let lost = lostBefore + 1; ; lost++) {
      job.signal.throwIfAborted()
      try {
        await this.#runOnce([job], expectedMs, spent)
        return
      } catch (error) {
        const loss = this.#noteLoss(error, [job])
        if (loss.jobAt !== null) takenAlong++
        if (lost < MAX_THREADS_LOST) continue
        // Not the job's doing, but that of a machine short of memory or file handles: it may be better later.
        if (takenAlong < MAX_THREADS_LOST) throw new Failure('image_thread', NOT_BEGUN, { cause: loss })
        const message = `${loss.message}, twice over the same image`
        throw new Failure('image_thread', message, { cause: loss, retryable: false })
      }
    }
  }

  /** Throws when the thread is lost. */
  async #runOnce(jobs: readonly RunnableJob[], expectedMs: number, spent: Spent): Promise<void> {
    const requests = jobs.map(({ request }) => request)
    const running = this.#threads.run(requests, expectedMs)
    let waitedFor = jobs.length
    for (const job of jobs) {
      job.giveUp = () => {
        if (--waitedFor === 0) running.giveUp()
      }
    }
    try {
      const results = await running.results
      let restMs = results.reduce((sum, { runMs }) => sum + runMs, 0)
      spent.ms += restMs
      for (const [at, result] of results.entries()) {
        restMs -= result.runMs
        jobs[at]?.resolve({ result, restMs })
      }
    } catch (error) {
      if (error instanceof ThreadLost) spent.ms += error.ranMs
      throw error
    }
  }

  /** Throws any other error, and a Failure where the pool itself ends its threads. */
  #noteLoss(error: unknown, jobs: readonly RunnableJob[]): ThreadLost {
    if (!(error instanceof ThreadLost)) throw error
    if (this.#isStopping) throw new Failure('image_thread', error.message, { cause: error })
    this.#threadsLost++
    const job = jobs[error.jobAt ?? 0]
    if (job) this.#onThreadLost(error, job.request.job)
    return error
  }
}
