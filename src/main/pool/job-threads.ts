import { setFlagsFromString } from 'node:v8'
import { Piscina } from 'piscina'
import { closeLoaders } from '../../threads/codec/loader-policy.ts'
import { PROGRESS, type JobBatch, type JobRequest, type JobResult } from '../../threads/protocol.ts'

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

/** The thread ended under a job, or had to be ended. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost'
  /** Place of that job among those that the thread was given; null where it ended before it began with any. */
  readonly jobAt: number | null

  constructor(message: string, jobAt: number | null, options: { readonly cause: unknown }) {
    super(message, options)
    this.jobAt = jobAt
  }
}

/**
 * Old objects that a thread's heap has room for from the beginning. A thread holds little, but V8 counts pixels in hand to the
 * heap and would collect for those after every other task: an eighth of the CPU time of all image work.
 */
const FIRST_HEAP_MIB = 64
/** How long a thread above the minimum stays without work. */
const IDLE_TIMEOUT_MS = 30_000
/** What is left of most jobs takes less time than a new thread. */
const ABORT_PATIENCE_MS = 1_000
const NS_PER_MS = 1_000_000

/** Jobs on their thread, which does one after the other. */
export interface RunningJobs {
  /** One for each job. Rejects with {@link ThreadLost}. */
  readonly results: Promise<readonly JobResult[]>
  /** Nobody waits for them any longer: they lose their thread if they have not ended within a second. */
  giveUp(): void
}

/**
 * Piscina's threads, one message with jobs at a time on each; a thread that ends is replaced. Each has a Piscina of its own: with all
 * in one, handing over a job costs the main thread time for every thread that there is.
 */
export class JobThreads {
  /** Those without a job; the last one was busy last, so that the others come to their idle time. */
  readonly #free: JobThread[]
  readonly #all: readonly JobThread[]

  constructor(options: JobThreadsOptions) {
    closeLoaders()
    // It is for the threads that are made from now on; there is no such option for one alone.
    setFlagsFromString(`--initial-heap-size=${FIRST_HEAP_MIB}`)
    this.#all = Array.from(
      { length: options.maxThreads },
      (_, i) => new JobThread(options, i < options.minThreads),
    )
    this.#free = this.#all.toReversed()
  }

  /** Starts jobs on one thread. It must not be called more often at a time than there are threads. */
  run(requests: readonly JobRequest[]): RunningJobs {
    const thread = this.#free.pop()
    if (!thread) throw new Error('expected no more jobs than threads')
    const results = thread.run(requests).finally(() => this.#free.push(thread))
    return { results, giveUp: () => thread.giveUp(requests) }
  }

  /** Ends the threads at once; does not resolve while one of them hangs in native code. */
  async stop(): Promise<void> {
    await Promise.all(this.#all.map((thread) => thread.stop()))
  }
}

class JobThread {
  readonly #options: JobThreadsOptions
  readonly #stays: boolean
  #progress = newProgress()
  #piscina: Piscina<JobBatch, readonly JobResult[]>
  /** What has been replaced and has not ended yet: a thread cannot end before the native code that it is in. */
  readonly #ending = new Set<Promise<void>>()
  #requests: readonly JobRequest[] | undefined
  #timer: NodeJS.Timeout | undefined
  /** What becomes of the thread if it is lost under the jobs at hand. */
  #fate = ''
  /** Why the thread for the jobs at hand could not be made. */
  #notMade: Error | undefined

  constructor(options: JobThreadsOptions, stays: boolean) {
    this.#options = options
    this.#stays = stays
    this.#piscina = this.#start()
  }

  async run(requests: readonly JobRequest[]): Promise<readonly JobResult[]> {
    this.#requests = requests
    const progress = this.#progress
    progress.fill(0n)
    this.#fate = 'crashed'
    // The time counts from each job's first moment on the thread. A thread that is still being made is not hung.
    const look = () => {
      const leftMs = this.#options.jobTimeoutMs - (this.#jobMs() ?? 0)
      const isHung = leftMs <= 0
      if (isHung) this.#fate = 'did not end in time'
      if (isHung || this.#piscina.threads.length === 0) this.#replace()
      else this.#timer = setTimeout(look, leftMs)
    }
    this.#timer = setTimeout(look, this.#options.jobTimeoutMs)
    try {
      return await this.#piscina.run({ requests, progress })
    } catch (error) {
      throw new ThreadLost(`the image thread ${this.#fate}`, jobAtOf(progress), {
        cause: this.#notMade ?? error,
      })
    } finally {
      this.#requests = undefined
      this.#notMade = undefined
      clearTimeout(this.#timer)
    }
  }

  giveUp(requests: readonly JobRequest[]): void {
    if (this.#requests !== requests) return
    clearTimeout(this.#timer)
    const patienceMs = this.#jobMs() === undefined ? 0 : ABORT_PATIENCE_MS
    this.#timer = setTimeout(() => {
      this.#fate = 'was ended, as its task had been given up'
      this.#replace()
    }, patienceMs)
  }

  async stop(): Promise<void> {
    await Promise.all([this.#piscina.destroy(), ...this.#ending])
  }

  /** How long the thread has been at its present job; undefined before it began with the first. */
  #jobMs(): number | undefined {
    const begunAtNs = Atomics.load(this.#progress, PROGRESS.begunAtNs)
    return begunAtNs === 0n ? undefined : Number(process.hrtime.bigint() - begunAtNs) / NS_PER_MS
  }

  /** Ends the thread under its job. */
  #replace(): void {
    const ended = this.#piscina
    this.#progress = newProgress()
    this.#piscina = this.#start()
    const ending = ended.destroy().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  #start(): Piscina<JobBatch, readonly JobResult[]> {
    const { entry, maxHeapMib } = this.#options
    const piscina = new Piscina<JobBatch, readonly JobResult[]>({
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
    piscina.on('error', (error) => {
      if (!this.#requests || piscina.threads.length > 0) return
      this.#notMade = error
      this.#replace()
    })
    return piscina
  }
}

/** Place of the job at hand; null before the first. */
function jobAtOf(progress: BigInt64Array): number | null {
  const hasBegun = Atomics.load(progress, PROGRESS.begunAtNs) !== 0n
  return hasBegun ? Number(Atomics.load(progress, PROGRESS.jobAt)) : null
}

/** Every thread has its own: one that is being ended may still write to it. */
function newProgress(): BigInt64Array {
  return new BigInt64Array(new SharedArrayBuffer(PROGRESS.length * BigInt64Array.BYTES_PER_ELEMENT))
}
