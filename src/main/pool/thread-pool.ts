import { Piscina } from 'piscina'
import { Failure } from '../../processors/failure.ts'
import type { Timed } from '../../processors/stage-clock.ts'
import type { ImageErrorCode, JobInput, JobName, JobOutput, JobResult } from '../../threads/protocol.ts'

export type ThreadPoolOptions = {
  readonly minThreads: number
  readonly maxThreads: number
  /** A job that runs longer is hung: its thread is ended and replaced. */
  readonly jobTimeoutMs: number
}

type Waiting = { readonly start: () => void }

/** How long a thread above the minimum stays without work. */
const IDLE_TIMEOUT_MS = 30_000

/**
 * The image threads: one job a thread at a time, first come first served. A job that is still queued when its
 * signal aborts is never run; one that runs is left to end, because ending a thread costs far more than the
 * job, but its caller does not wait for it.
 */
export class ThreadPool {
  readonly #piscina: Piscina<unknown, JobResult>
  readonly #options: ThreadPoolOptions
  readonly #queue: Waiting[] = []
  #running = 0

  constructor(options: ThreadPoolOptions) {
    this.#options = options
    // Run from the sources, the thread needs the loader for TypeScript; built, it needs nothing.
    const fromSources = import.meta.url.endsWith('.ts')
    this.#piscina = new Piscina({
      filename: new URL(`../../threads/worker.${fromSources ? 'ts' : 'js'}`, import.meta.url).href,
      execArgv: fromSources ? ['--import', 'tsx'] : [],
      minThreads: options.minThreads,
      maxThreads: options.maxThreads,
      idleTimeout: IDLE_TIMEOUT_MS,
      concurrentTasksPerWorker: 1,
      // A thread that blocks in Atomics.wait between jobs would freeze what sharp still has to clean up.
      atomics: 'disabled',
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

  /** Runs one job. Throws a Failure, or the signal's reason once it is aborted. */
  async run<N extends JobName>(
    job: N,
    input: JobInput<N>,
    signal: AbortSignal,
  ): Promise<Timed<JobOutput<N>>> {
    const queuedAtMs = performance.now()
    await this.#turn(signal)
    const ending = this.#execute(job, input).finally(() => this.#next())
    const result = await unlessAborted(ending, signal)
    if (!result.ok) throw new Failure(CATEGORIES[result.code], result.message)
    const totalMs = performance.now() - queuedAtMs
    return { value: result.output, runMs: result.runMs, waitMs: Math.max(0, totalMs - result.runMs) }
  }

  /** Ends the threads at once; stop what uses them first. */
  async stop(): Promise<void> {
    await this.#piscina.destroy()
  }

  async #execute<N extends JobName>(job: N, input: JobInput<N>): Promise<JobResult<N>> {
    const hung = AbortSignal.timeout(this.#options.jobTimeoutMs)
    try {
      return await this.#piscina.run({ job, input }, { signal: hung })
    } catch (error) {
      const what = hung.aborted ? 'did not end in time' : 'crashed'
      throw new Failure('image_thread', `the image thread ${what}`, { cause: error })
    }
  }

  /** Resolves when a thread is free for the caller. */
  #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#running < this.#options.maxThreads) {
      this.#running++
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1)
        reject(signal.reason as Error)
      }
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#queue.push(waiting)
    })
  }

  /** Hands the thread to the next in line; the number of running jobs stays the same then. */
  #next(): void {
    const waiting = this.#queue.shift()
    if (waiting) waiting.start()
    else this.#running--
  }
}

const CATEGORIES: Readonly<Record<ImageErrorCode, 'invalid_image' | 'image_thread'>> = {
  image_undecodable: 'invalid_image',
  image_unsupported: 'invalid_image',
  image_too_large: 'invalid_image',
  image_timeout: 'invalid_image',
  image_failed: 'image_thread',
}

/** The promise's result, or the signal's reason as soon as it aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
