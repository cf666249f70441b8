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
    // A thread that ends between two jobs; piscina has replaced it, and an unheard error would end the process.
    this.#piscina.on('error', () => undefined)
  }

  /**
   * Runs one job. Throws {@link ThreadLost}, or the signal's reason: at once when the job has no thread yet, else when
   * it has not ended within a second.
   */
  async run({ job, input }: JobRequest, signal: AbortSignal): Promise<JobResult> {
    signal.throwIfAborted()
    const begun = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const hasBegun = () => Atomics.load(begun, 0) === 1
    const end = new AbortController()
    let isHung = false
    // A thread that is still being made is not hung; the time counts from the job's first moment on it.
    const onTimeout = () => {
      isHung = hasBegun()
      if (isHung) end.abort()
      else timeout.refresh()
    }
    const timeout = setTimeout(onTimeout, this.#jobTimeoutMs)
    let patience: NodeJS.Timeout | undefined
    const onAbort = () => {
      patience = setTimeout(() => end.abort(), hasBegun() ? ABORT_PATIENCE_MS : 0)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#piscina.run({ job, input, begun }, { signal: end.signal })
    } catch (error) {
      signal.throwIfAborted()
      throw new ThreadLost(`the image thread ${isHung ? 'did not end in time' : 'crashed'}`, { cause: error })
    } finally {
      clearTimeout(timeout)
      clearTimeout(patience)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Ends the threads at once. */
  async stop(): Promise<void> {
    await this.#piscina.destroy()
  }
}
