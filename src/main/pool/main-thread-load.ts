import { performance } from 'node:perf_hooks'

const PERIOD_MS = 500
/** Beyond this the event loop finds something to do whenever it looks. */
const SATURATED = 0.95

/** Whether the main thread lately had no time left: what is handed to it then only waits. */
export class MainThreadLoad {
  #since = performance.eventLoopUtilization()
  #sinceMs = performance.now()
  #isSaturated = false

  /** Of the last half second or more, up to now or a moment ago. */
  get isSaturated(): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#sinceMs >= PERIOD_MS) {
      this.#isSaturated = performance.eventLoopUtilization(this.#since).utilization > SATURATED
      this.#since = performance.eventLoopUtilization()
      this.#sinceMs = nowMs
    }
    return this.#isSaturated
  }
}
