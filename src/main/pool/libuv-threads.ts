import { availableCores } from './available-cores.ts'

/** libuv's own number, where nobody says another. */
const DEFAULT_LIBUV_THREADS = 4
/**
 * At most so many threads beside those for image work, and otherwise as many as for it: what waits for the store's disk,
 * name look-ups. No more than that, since libuv wakes its threads in turn, and code and memory are cold in those that
 * have slept for long.
 */
const MAX_SLACK = 8
/** libuv's own limit. */
const MAX_LIBUV_THREADS = 1024

/**
 * How many threads libuv's pool needs. sharp's work does not run on the pool thread that calls it but there,
 * and there is one such pool for the whole process, with 4 threads unless UV_THREADPOOL_SIZE says more.
 */
export function libuvThreads(env: Readonly<Record<string, string | undefined>>): number {
  const given = Number(env.POOL_MAX_THREADS)
  const imageThreads = Number.isInteger(given) && given > 0 ? given : availableCores()
  const asked = Number(env.UV_THREADPOOL_SIZE)
  const needed = Math.max(DEFAULT_LIBUV_THREADS, imageThreads + Math.min(MAX_SLACK, imageThreads))
  return Math.min(MAX_LIBUV_THREADS, Math.max(needed, Number.isInteger(asked) ? asked : 0))
}
