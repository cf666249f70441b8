/**
 * Image threads that one main thread serves with ease: it takes some 4 % of the time of a thread that is at work, so that
 * with 16 of them a third of its core is to spare.
 */
const THREADS_A_PROCESS = 16
/** With less a process has no room for an image at all. */
const LEAST_MEMORY_MIB = 32
/** With less it might have none for an image of the largest size allowed. */
const GOOD_MEMORY_MIB = 1024

/** However large the machine is. */
export const MOST_PROCESSES = 64

/** What processes share, as far as it is known; each needs a part of all of it. */
export type Shared = Readonly<{
  POOL_MAX_THREADS: number
  IMAGE_MEMORY_MIB?: number | undefined
  MAX_TASKS_IN_FLIGHT?: number | undefined
  MODEL_CONCURRENCY?: number | undefined
}>

/** How many processes there may be at most, and the variable that says so. */
export function mostProcesses(shared: Shared): { count: number; variable: keyof Shared } {
  const limits = [
    { variable: 'POOL_MAX_THREADS', count: shared.POOL_MAX_THREADS },
    {
      variable: 'IMAGE_MEMORY_MIB',
      count: Math.floor((shared.IMAGE_MEMORY_MIB ?? Infinity) / LEAST_MEMORY_MIB),
    },
    { variable: 'MAX_TASKS_IN_FLIGHT', count: shared.MAX_TASKS_IN_FLIGHT ?? Infinity },
    { variable: 'MODEL_CONCURRENCY', count: shared.MODEL_CONCURRENCY ?? Infinity },
  ] as const
  return limits.reduce((least, limit) => (limit.count < least.count ? limit : least))
}

/**
 * How many there are where nothing is configured: one for each 16 image threads, as far as all else allows and each has
 * room for any image.
 */
export function defaultProcesses(shared: Shared): number {
  const wanted = Math.ceil(shared.POOL_MAX_THREADS / THREADS_A_PROCESS)
  const withMemory = Math.floor((shared.IMAGE_MEMORY_MIB ?? Infinity) / GOOD_MEMORY_MIB)
  return Math.max(1, Math.min(wanted, withMemory, mostProcesses(shared).count))
}
