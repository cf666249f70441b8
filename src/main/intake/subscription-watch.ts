import type { TaskLog } from '../../processors/services.ts'

export type WatchTimes = {
  /** Between one check and the next while all is well. */
  readonly periodMs: number
  /** The same after a check that failed. */
  readonly againMs: number
  readonly answerMs: number
}

export interface WatchListener {
  /** At each check: there is no such subscription. */
  missing(): void
  /** At each check of an outage: no answer came, though the connection looks open. */
  unanswered(): void
}

/** One slow answer is no outage. */
const FAILURES_OF_AN_OUTAGE = 2

/** gRPC's codes. */
const DEADLINE_EXCEEDED = 4
const NOT_FOUND = 5
/** PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNIMPLEMENTED: it is there, and does not say more. */
const ANSWERS = new Set<unknown>([7, 8, 12])

/**
 * Asks the broker for the subscription from time to time, because the client's stream does not tell: it goes on
 * trying, and looks open, while the broker is gone.
 *
 * A worker may be allowed to receive and not to ask, or have asked too often. That answer is an answer too: the broker
 * is there, and more cannot be known.
 */
export class SubscriptionWatch {
  readonly #ask: (answerMs: number) => Promise<void> | undefined
  readonly #listener: WatchListener
  readonly #log: TaskLog
  readonly #times: WatchTimes
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /**
   * `ask` asks for the subscription on the connection that messages come by, and fails after `answerMs`; it asks
   * nothing while there is no such connection.
   */
  constructor(
    ask: (answerMs: number) => Promise<void> | undefined,
    times: WatchTimes,
    listener: WatchListener,
    log: TaskLog,
  ) {
    this.#ask = ask
    this.#times = times
    this.#listener = listener
    this.#log = log
  }

  /** Whether the subscription can be reached, as far as is known: it can until two checks in a row have failed. */
  get isReachable(): boolean {
    return this.#failures < FAILURES_OF_AN_OUTAGE
  }

  start(): void {
    if (!this.#stopped) this.#timer ??= setTimeout(() => void this.#check(), this.#times.periodMs)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #check(): Promise<void> {
    const asked = this.#ask(this.#times.answerMs)
    if (asked) {
      const error = await asked.then(() => undefined, asError)
      if (this.#stopped) return
      const { code } = (error ?? {}) as { code?: unknown }
      if (!error || ANSWERS.has(code)) this.#succeed()
      else this.#fail(error, code)
    }
    const { periodMs, againMs } = this.#times
    this.#timer = setTimeout(() => void this.#check(), this.#failures === 0 ? periodMs : againMs)
  }

  #succeed(): void {
    if (!this.isReachable) this.#log.info({}, 'the subscription can be reached again')
    this.#failures = 0
  }

  #fail(error: Error, code: unknown): void {
    const wasReachable = this.isReachable
    // That it is not there is certain at once.
    this.#failures += code === NOT_FOUND ? FAILURES_OF_AN_OUTAGE : 1
    if (this.isReachable) return
    if (wasReachable) this.#log.error({ err: error }, 'the subscription cannot be reached')
    if (code === NOT_FOUND) this.#listener.missing()
    // Where the connection is known to be gone the client makes a new one by itself.
    if (code === DEADLINE_EXCEEDED) this.#listener.unanswered()
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('an unknown failure', { cause: error })
}
