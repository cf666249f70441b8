import type { TaskLog } from '../../processors/services.ts'

export type SilenceTimes = {
  /** How long no message comes before that is looked into. */
  readonly silentMs: number
  /** The same at most: it doubles each time that it was looked into and no message came of it. */
  readonly maxSilentMs: number
}

/** What the watch asks of the worker around it. */
export interface SilentStream {
  /** Whether messages should come: it is open, and there is room for more. */
  isExpecting(): boolean
  /** Whether somebody handed in tasks at least so long ago that no worker has heard of. */
  isWorkWaiting(forMs: number): Promise<boolean>
  reopen(): void
}

/**
 * Finds out that a stream which looks open brings nothing any more. Silence alone proves nothing, since there may be
 * nothing to do; but tasks that wait in Postgres, and that nobody has heard of, should have been heard of. A task whose
 * message is really lost looks the same, so the suspicion grows slower each time that it leads to nothing.
 */
export class SilenceWatch {
  readonly #stream: SilentStream
  readonly #times: SilenceTimes
  readonly #log: TaskLog
  #silentMs: number
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(stream: SilentStream, times: SilenceTimes, log: TaskLog) {
    this.#stream = stream
    this.#times = times
    this.#log = log
    this.#silentMs = times.silentMs
  }

  start(): void {
    if (!this.#stopped) this.#wait()
  }

  /** A message came. */
  heard(): void {
    const isSuspicious = this.#silentMs !== this.#times.silentMs
    this.#silentMs = this.#times.silentMs
    // During a look there is no timer, and the next wait is as long as it is to be.
    if (!this.#timer || this.#stopped) return
    if (!isSuspicious) this.#timer.refresh()
    else {
      // A timer that is refreshed keeps the time that it was made with.
      clearTimeout(this.#timer)
      this.#wait()
    }
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #wait(): void {
    this.#timer = setTimeout(() => void this.#look(), this.#silentMs)
  }

  async #look(): Promise<void> {
    this.#timer = undefined
    try {
      if (
        this.#stream.isExpecting() &&
        (await this.#stream.isWorkWaiting(this.#silentMs)) &&
        !this.#stopped
      ) {
        this.#log.warn(
          { silentMs: this.#silentMs },
          'tasks wait and no message comes; the subscription is opened anew',
        )
        this.#silentMs = Math.min(this.#silentMs * 2, this.#times.maxSilentMs)
        this.#stream.reopen()
      }
    } catch (error) {
      this.#log.debug({ err: error }, 'waiting tasks could not be looked for')
    }
    if (!this.#stopped) this.#wait()
  }
}
