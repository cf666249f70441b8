import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Each look costs the main thread some tenths of a millisecond where others have the cores: not too many of them. */
const RESOLUTION_MS = 20
const NS_PER_MS = 1_000_000

/** How late the event loop of this process is, from looks at it at even times. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

  /** Begins anew. */
  start(): void {
    this.#histogram.reset()
    this.#histogram.enable()
  }

  stop(): void {
    this.#histogram.disable()
  }

  /** Milliseconds that no more than a hundredth of the looks was late since the start. */
  get p99Ms(): number {
    // The histogram counts the time from one look to the next.
    return Math.max(0, this.#histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS)
  }
}
