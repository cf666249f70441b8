import { setTimeout as delay } from 'node:timers/promises'
import type { TaskLog } from '../../processors/services.ts'

/** What is told of an outage, once each. */
export interface OutageListener {
  began(): void
  ended(): void
}

/**
 * Finds out, where a query had no answer, whether Postgres is gone, and when it is back. Until then nothing new is to
 * be taken in: every message would be delivered in vain, and the broker counts its deliveries.
 */
export class DatabaseOutage {
  readonly #isReady: () => Promise<boolean>
  readonly #listener: OutageListener
  readonly #periodMs: number
  readonly #log: TaskLog
  readonly #stopping = new AbortController()
  /** The outage under way, for all who wait for its end; answers whether there was one. */
  #outage: Promise<boolean> | undefined

  constructor(isReady: () => Promise<boolean>, listener: OutageListener, periodMs: number, log: TaskLog) {
    this.#isReady = isReady
    this.#listener = listener
    this.#periodMs = periodMs
    this.#log = log
  }

  /** Resolves when Postgres answers, or `stop` is called; with false at once where it never stopped answering. */
  passed(): Promise<boolean> {
    this.#outage ??= this.#waitForAnswer().finally(() => (this.#outage = undefined))
    return this.#outage
  }

  /** Nobody waits any longer. */
  stop(): void {
    this.#stopping.abort()
  }

  async #waitForAnswer(): Promise<boolean> {
    if (await this.#isReady()) return false
    if (this.#stopping.signal.aborted) return true
    this.#listener.began()
    this.#log.error({}, 'Postgres does not answer; no messages are taken in until it does')
    do await this.#pause()
    while (!this.#stopping.signal.aborted && !(await this.#isReady()))
    if (this.#stopping.signal.aborted) return true
    this.#log.info({}, 'Postgres answers again; messages are taken in')
    this.#listener.ended()
    return true
  }

  async #pause(): Promise<void> {
    await delay(this.#periodMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }
}
