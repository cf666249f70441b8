import { constants, getPriority, setPriority } from 'node:os'
import { isMainThread } from 'node:worker_threads'

/** Where there is work for all, a thread gets a third of what one of the usual priority gets. */
const STEPS_DOWN = 5

/**
 * Lets the main thread and other processes go before this thread, where there are more of them than cores: they have
 * little to do, and somebody waits for it. Linux keeps a priority for each thread; elsewhere it is the process's, and stays.
 */
export function giveWay(): void {
  if (isMainThread || process.platform !== 'linux') return
  try {
    setPriority(Math.min(getPriority() + STEPS_DOWN, constants.priority.PRIORITY_LOW))
  } catch {
    // Where that is forbidden a thread does the same work.
  }
}
