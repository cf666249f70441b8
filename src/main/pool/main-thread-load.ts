import { performance } from 'node:perf_hooks'

const PERIOD_MS = 500
/** Beyond this the event loop finds something to do whenever it looks. */
const SATURATED = 0.95

/** Whether the main thread had no time left in the last half second: what is handed to it then only waits. */
export class MainThreadLoad {
  #since = performance.eventLoopUtilization()
  #isSaturated = false
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => {
      this.#isSaturated = performance.eventLoopUtilization(this.#since).utilization > SATURATED
      this.#since = performance.eventLoopUtilization()
    }, PERIOD_MS)
    this.#timer.unref()
  }

  get isSaturated(): boolean {
    return this.#isSaturated
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer)
  }
}
