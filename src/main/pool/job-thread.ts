import { Piscina } from 'piscina'
import type { JobBatch, JobResult } from '../../threads/protocol.ts'
import { ThreadLost, type JobMessage } from './job-message.ts'
import { JobProgress } from './job-progress.ts'

export type JobThreadOptions = {
  /** A job that runs longer is hung: its thread is ended and replaced. */
  readonly jobTimeoutMs: number
  /** Largest heap of a thread, pixels not included; a job that needs more ends its thread. */
  readonly maxHeapMib: number
  /** The module that a thread runs. */
  readonly entry: URL
}

/** A message that is with the thread. */
type Held = {
  readonly message: JobMessage
  readonly progress: JobProgress
  /** Since when it has been the only one or the next one, by `performance.now()`. */
  sinceMs: number
  timer: NodeJS.Timeout | undefined
}

/** How long a thread that need not stay is kept without work. */
const IDLE_TIMEOUT_MS = 30_000
/** What is left of most jobs takes less time than a new thread. */
const ABORT_PATIENCE_MS = 1_000

/**
 * One of piscina's threads, made when there is something to do and replaced when it ends. It does one message after the
 * other, of which the next may lie ready while one is at hand: so it need not wait for the main thread between two.
 */
export class JobThread {
  readonly #options: JobThreadOptions
  readonly #stays: boolean
  readonly #onFree: (thread: JobThread) => void
  #piscina: Piscina<JobBatch, readonly JobResult[]>
  /** In the order in which the thread does them: the one at hand, the next, and more only where threads were lost. */
  #held: readonly Held[] = []
  /** What has been replaced and has not ended yet: a thread cannot end before the native code that it is in. */
  readonly #ending = new Set<Promise<void>>()
  /** It has answered, so that it is known how long the next answer takes. */
  #isTried = false
  #isStopped = false

  /** One that `stays` is made at once, and kept when it has nothing to do. Throws when it cannot be made. */
  constructor(options: JobThreadOptions, stays: boolean, onFree: (thread: JobThread) => void) {
    this.#options = options
    this.#stays = stays
    this.#onFree = onFree
    this.#piscina = this.#start()
    // What hinders it later hinders the first job as well, which is told of it.
    if (stays) this.#piscina.run({ requests: [], progress: new JobProgress().cells }).catch(() => {})
  }

  /** When it is expected to be done with what it has; undefined where that is not known, or where something lies ready. */
  get doneAtMs(): number | undefined {
    const [present, next] = this.#held
    if (!present || next || !this.#isTried || present.message.expectedMs === 0) return undefined
    return present.sinceMs + present.message.expectedMs
  }

  /** Messages that it has. */
  get messages(): number {
    return this.#held.length
  }

  /** The message that lies ready, and since when. */
  get next(): Pick<Held, 'message' | 'sinceMs'> | undefined {
    return this.#held[1]
  }

  /** Gives it a message, which hears of its end. */
  hand(message: JobMessage): void {
    const held: Held = {
      message,
      progress: new JobProgress(),
      sinceMs: performance.now(),
      timer: undefined,
    }
    this.#held = [...this.#held, held]
    this.#watch(held)
    void this.#exchange(held)
  }

  /** Takes back what it has not begun with; false when it has, or has ended it. */
  takeBack(message: JobMessage): boolean {
    const held = this.#find(message)
    if (!held?.progress.takeBack()) return false
    this.#remove(held)
    return true
  }

  /** Nobody waits for the message any longer: it loses its thread if it has not ended within a second. */
  giveUp(message: JobMessage): void {
    if (this.takeBack(message)) return message.resolve([])
    const held = this.#find(message)
    if (!held) return
    clearTimeout(held.timer)
    held.timer = setTimeout(() => {
      if (held === this.#atHand) this.#lose('was ended, as its task had been given up')
    }, ABORT_PATIENCE_MS)
  }

  /** Ends the thread at once; does not resolve while it hangs in native code. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all([this.#piscina.destroy(), ...this.#ending])
  }

  /** The message that the thread has begun with last; the first where it has begun with none. */
  get #atHand(): Held | undefined {
    return this.#held.findLast(({ progress }) => progress.jobAt !== null) ?? this.#held[0]
  }

  /** Sends a message and waits for its answer, or for the loss of the thread. Never throws. */
  async #exchange(held: Held): Promise<void> {
    const { message, progress } = held
    try {
      const results = await this.#post({ requests: message.requests, progress: progress.cells })
      if (!this.#held.includes(held)) return
      this.#isTried = true
      this.#remove(held)
      message.resolve(results)
    } catch (error) {
      // Of all that a lost thread had, the first hears of it first. Another one has only not been sent.
      if (held === this.#held[0]) this.#lose('crashed', error)
      else if (this.#held.includes(held)) this.#reject(held, 'could not be given the job', error)
    }
  }

  #post(batch: JobBatch): Promise<readonly JobResult[]> {
    if (this.#isStopped) return Promise.reject(new Error('the image threads have been stopped'))
    try {
      return this.#piscina.run(batch)
    } catch (error) {
      // The thread could not be made, as where no more are allowed. Piscina has kept the message all the same.
      this.#piscina = this.#start()
      return Promise.reject(error)
    }
  }

  #find(message: JobMessage): Held | undefined {
    return this.#held.find((held) => held.message === message)
  }

  #reject(held: Held, fate: string, cause: unknown): void {
    const { jobAt, jobMs: ranMs = 0 } = held.progress
    this.#remove(held)
    held.message.reject(new ThreadLost(`the image thread ${fate}`, jobAt, ranMs, { cause }))
  }

  #remove(held: Held): void {
    clearTimeout(held.timer)
    const [first] = this.#held
    this.#held = this.#held.filter((other) => other !== held)
    const [present] = this.#held
    if (!present) this.#onFree(this)
    else if (held === first) present.sinceMs = performance.now()
  }

  /** The time counts from each job's first moment on the thread. A thread that is still being made is not hung. */
  #watch(held: Held): void {
    const { jobTimeoutMs } = this.#options
    const look = () => {
      // What has begun before the one at hand is done: its answer is on the way.
      const leftMs = jobTimeoutMs - (held === this.#atHand ? (held.progress.jobMs ?? 0) : 0)
      if (leftMs <= 0) this.#lose('did not end in time')
      else held.timer = setTimeout(look, leftMs)
    }
    held.timer = setTimeout(look, jobTimeoutMs)
  }

  /** Ends the thread under the message at hand. It does the others anew when it has been replaced: they lost nothing. */
  #lose(fate: string, cause?: unknown): void {
    const lost = this.#atHand
    if (!lost) return
    const others = this.#held.filter((held) => held !== lost)
    if (!this.#isStopped) this.#replace()
    this.#held = [lost]
    for (const { message, timer } of others) {
      clearTimeout(timer)
      this.hand(message)
    }
    this.#reject(lost, fate, cause)
  }

  #replace(): void {
    const ended = this.#piscina
    this.#isTried = false
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
      // Made by its first message, which hears of it when that fails. Piscina would make it where nobody does.
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: this.#stays ? Infinity : IDLE_TIMEOUT_MS,
      // What has been taken back counts until the thread has passed it over, and is to keep nothing else from it.
      concurrentTasksPerWorker: Infinity,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMib },
      recordTiming: false,
      // A thread that blocks in Atomics.wait between jobs would freeze what sharp still has to clean up.
      atomics: 'disabled',
    })
    const loseIfEnded = (error?: Error) => {
      if (piscina === this.#piscina && piscina.threads.length === 0) this.#lose('crashed', error)
    }
    // A thread that ended while it was made has told none of its messages, which would wait for ever. It may have told
    // why. (An unheard error would end the process.)
    piscina.on('error', loseIfEnded)
    piscina.on('workerDestroy', () => {
      if (piscina !== this.#piscina) return
      this.#isTried = false
      setImmediate(loseIfEnded)
    })
    return piscina
  }
}
