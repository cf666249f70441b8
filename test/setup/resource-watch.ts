import { monitorEventLoopDelay } from 'node:perf_hooks'

const MIB = 1024 * 1024

/**
 * What attacks may cost at the most: so little memory that no machine falls over, and no pause that a
 * lease would notice. A pause of the machine itself is seen as well, so that the bound is not a narrow one.
 */
export const BOUNDS = { rssGrowthMib: 1_536, loopDelayMs: 5_000 }

export type ResourceUse = {
  /** The most that the process has had beyond what it began with. */
  readonly rssGrowthMib: number
  /** The longest that the event loop was late. */
  readonly loopDelayMs: number
}

export type ResourceWatch = { readonly seen: () => ResourceUse; readonly stop: () => void }

/** Watches memory and event loop of this process, image threads included, until it is asked for what it saw. */
export function watchResources(): ResourceWatch {
  const atStart = process.memoryUsage.rss()
  let most = atStart
  const look = () => (most = Math.max(most, process.memoryUsage.rss()))
  const timer = setInterval(look, 20)
  const delays = monitorEventLoopDelay({ resolution: 10 })
  delays.enable()
  return {
    seen: () => ({ rssGrowthMib: (look() - atStart) / MIB, loopDelayMs: delays.max / 1e6 }),
    stop: () => {
      clearInterval(timer)
      delays.disable()
    },
  }
}
