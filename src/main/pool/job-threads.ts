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

/** A job on its thread. */
export interface RunningJob {
  /** Rejects with {@link ThreadLost}. */
  readonly result: Promise<JobResult>
  /** Nobody waits for it any longer: it loses its thread if it has not ended within a second. */
  giveUp(): void
}

/**
 * Piscina's threads, one job at a time on each; a thread that ends is replaced. Each has a Piscina of its own: with all
 * in one, handing over a job costs the main thread time for every thread that there is.
 */
export class JobThreads {
  /** Those without a job; the last one was busy last, so that the others come to their idle time. */
  readonly #free: JobThread[]
  readonly #all: readonly JobThread[]

  constructor(options: JobThreadsOptions) {
    this.#all = Array.from(
      { length: options.maxThreads },
      (_, i) => new JobThread(options, i < options.minThreads),
    )
    this.#free = this.#all.toReversed()
  }

  /** Starts a job. There must be no more of them than threads. */
  run(request: JobRequest): RunningJob {
    const thread = this.#free.pop()
    if (!thread) throw new Error('expected no more jobs than threads')
    const result = thread.run(request).finally(() => this.#free.push(thread))
    return { result, giveUp: () => thread.giveUp(request) }
  }

  /** Ends the threads at once. */
  async stop(): Promise<void> {
    await Promise.all(this.#all.map((thread) => thread.stop()))
  }
}

class JobThread {
  readonly #options: JobThreadsOptions
  readonly #stays: boolean
  /** Set to 1 by the thread when it begins with a job. */
  readonly #begun = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  #piscina: Piscina<unknown, JobResult>
  #request: JobRequest | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: JobThreadsOptions, stays: boolean) {
    this.#options = options
    this.#stays = stays
    this.#piscina = this.#start()
  }

  async run(request: JobRequest): Promise<JobResult> {
    this.#request = request
    Atomics.store(this.#begun, 0, 0)
    let isHung = false
    const onTimeout = () => {
      // A thread that is still being made is not hung; the time counts from the job's first moment on it.
      isHung = this.#hasBegun
      if (isHung || this.#piscina.threads.length === 0) this.#replace()
      else this.#timer?.refresh()
    }
    this.#timer = setTimeout(onTimeout, this.#options.jobTimeoutMs)
    try {
      return await this.#piscina.run({ job: request.job, input: request.input, begun: this.#begun })
    } catch (error) {
      throw new ThreadLost(`the image thread ${isHung ? 'did not end in time' : 'crashed'}`, { cause: error })
    } finally {
      this.#request = undefined
      clearTimeout(this.#timer)
    }
  }

  giveUp(request: JobRequest): void {
    if (this.#request !== request) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#replace(), this.#hasBegun ? ABORT_PATIENCE_MS : 0)
  }

  async stop(): Promise<void> {
    await this.#piscina.destroy()
  }

  get #hasBegun(): boolean {
    return Atomics.load(this.#begun, 0) === 1
  }

  /** Ends the thread under its job. */
  #replace(): void {
    const ended = this.#piscina
    this.#piscina = this.#start()
    void ended.destroy()
  }

  #start(): Piscina<unknown, JobResult> {
    const { entry, maxHeapMib } = this.#options
    const piscina = new Piscina<unknown, JobResult>({
      filename: entry.href,
      // Run from the sources, a thread needs the loader for TypeScript; built, it needs nothing.
      execArgv: entry.pathname.endsWith('.ts') ? ['--import', 'tsx'] : [],
      minThreads: this.#stays ? 1 : 0,
      maxThreads: 1,
      idleTimeout: IDLE_TIMEOUT_MS,
      concurrentTasksPerWorker: 1,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMib },
      recordTiming: false,
      // A thread that blocks in Atomics.wait between jobs would freeze what sharp still has to clean up.
      atomics: 'disabled',
    })
    // A thread that ends between two jobs has been replaced; one that ended while it was made has not, and its job would
    // wait for ever. (An unheard error would end the process.)
    piscina.on('error', () => {
      if (this.#request && piscina.threads.length === 0) this.#replace()
    })
    return piscina
  }
}
