import type { Subscription } from '@google-cloud/pubsub'
import type { TaskLog } from '../../processors/services.ts'

export type WatchTimes = {
  /** Between one check and the next while all is well. */
  readonly periodMs: number
  /** The same after a check that failed. */
  readonly againMs: number
  readonly answerMs: number
}

/** One slow answer is no outage. */
const FAILURES_OF_AN_OUTAGE = 2

/** gRPC's codes. */
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
  readonly #subscription: Pick<Subscription, 'getMetadata'>
  readonly #onMissing: () => void
  readonly #log: TaskLog
  readonly #times: WatchTimes
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** `onMissing` hears at each check that there is no such subscription. */
  constructor(
    subscription: Pick<Subscription, 'getMetadata'>,
    times: WatchTimes,
    onMissing: () => void,
    log: TaskLog,
  ) {
    this.#subscription = subscription
    this.#times = times
    this.#onMissing = onMissing
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
    const error = await this.#ask()
    if (this.#stopped) return
    const { code } = (error ?? {}) as { code?: unknown }
    if (!error || ANSWERS.has(code)) this.#succeed()
    else this.#fail(error, code === NOT_FOUND)
    const { periodMs, againMs } = this.#times
    this.#timer = setTimeout(() => void this.#check(), this.#failures === 0 ? periodMs : againMs)
  }

  #succeed(): void {
    if (!this.isReachable) this.#log.info({}, 'the subscription can be reached again')
    this.#failures = 0
  }

  #fail(error: Error, isMissing: boolean): void {
    const wasReachable = this.isReachable
    // That it is not there is certain at once.
    this.#failures += isMissing ? FAILURES_OF_AN_OUTAGE : 1
    if (wasReachable && !this.isReachable)
      this.#log.error({ err: error }, 'the subscription cannot be reached')
    if (isMissing) this.#onMissing()
  }

  /** Answers what went wrong, or nothing. */
  async #ask(): Promise<Error | undefined> {
    try {
      // Left to itself the client tries for a minute.
      await this.#subscription.getMetadata({ timeout: this.#times.answerMs, retry: null })
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error('an unknown failure', { cause: error })
    }
  }
}
