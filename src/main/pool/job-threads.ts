import { Piscina } from 'piscina'
import type { JobRequest, JobResult } from '../../threads/protocol.ts'

export type JobThreadsOptions = {
  readonly minThreads: number
  readonly maxThreads: number
  /** A job that runs longer is hung: its thread is ended and replaced. */
  readonly jobTimeoutMs: number
  /** Largest heap of a thread, pixels not included; a job that needs more ends its thread. */
  readonly maxHeapMib: number
  /** The module that a thread runs. */
  readonly entry: URL
}

/** The thread ended under the job, or had to be ended. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost'
}

/** How long a thread above the minimum stays without work. */
const IDLE_TIMEOUT_MS = 30_000
/** What is left of most jobs takes less time than a new thread. */
const ABORT_PATIENCE_MS = 1_000

/** Piscina's threads, one job at a time on each; a thread that ends is replaced. */
export class JobThreads {
  readonly #piscina: Piscina<unknown, JobResult>
  readonly #jobTimeoutMs: number
  /** Threads that have ended, for whatever reason. */
  #ended = 0

  constructor(options: JobThreadsOptions) {
    this.#jobTimeoutMs = options.jobTimeoutMs
    this.#piscina = new Piscina({
      filename: options.entry.href,
      // Run from the sources, a thread needs the loader for TypeScript; built, it needs nothing.
      execArgv: options.entry.pathname.endsWith('.ts') ? ['--import', 'tsx'] : [],
      minThreads: options.minThreads,
      maxThreads: options.maxThreads,
      idleTimeout: IDLE_TIMEOUT_MS,
      concurrentTasksPerWorker: 1,
      resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMib },
      // A thread that blocks in Atomics.wait between jobs would freeze what sharp still has to clean up.
      atomics: 'disabled',
    })
    this.#piscina.on('workerDestroy', () => this.#ended++)
    // A thread that ends between two jobs; piscina has replaced it, and an unheard error would end the process.
    this.#piscina.on('error', () => undefined)
  }

  /**
   * Runs one job. Throws {@link ThreadLost}, or the signal's reason: at once when the job has no thread yet, else when
   * it has not ended within a second.
   */
  async run(request: JobRequest, signal: AbortSignal): Promise<JobResult> {
    for (;;) {
      const result = await this.#runOnce(request, signal)
      if (result !== 'not started') return result
    }
  }

  /** Ends the threads at once. */
  async stop(): Promise<void> {
    await this.#piscina.destroy()
  }

  async #runOnce(request: JobRequest, signal: AbortSignal): Promise<JobResult | 'not started'> {
    signal.throwIfAborted()
    const end = new AbortController()
    let started = true
    const expire = () => {
      // Piscina ends the job's thread within this call. A job that has none is still waiting for one to be made.
      const endedBefore = this.#ended
      end.abort()
      started = this.#ended > endedBefore
    }
    const timeout = setTimeout(expire, this.#jobTimeoutMs)
    let patience: NodeJS.Timeout | undefined
    const onAbort = () => (patience = setTimeout(expire, ABORT_PATIENCE_MS))
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#piscina.run(request, { signal: end.signal })
    } catch (error) {
      signal.throwIfAborted()
      if (!started) return 'not started'
      const what = end.signal.aborted ? 'did not end in time' : 'crashed'
      throw new ThreadLost(`the image thread ${what}`, { cause: error })
    } finally {
      clearTimeout(timeout)
      clearTimeout(patience)
      signal.removeEventListener('abort', onAbort)
    }
  }
}
