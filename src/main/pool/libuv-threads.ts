import { availableCores } from './available-cores.ts'

/** Threads beside the image work: what waits for the store's disk, name look-ups. */
const SLACK = 8
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
  return Math.min(MAX_LIBUV_THREADS, Math.max(imageThreads + SLACK, Number.isInteger(asked) ? asked : 0))
}
