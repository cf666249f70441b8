import { availableCores } from '../../src/main/pool/available-cores.ts'
import { libuvThreads } from '../../src/main/pool/libuv-threads.ts'
import type { ProcessEnv } from '../measuring-process.ts'

/** A way to do the image work of tasks, in a process of its own. */
export type Contender = {
  readonly name: string
  readonly kind: 'pool' | 'main thread' | 'plain pool'
  /** Image threads of the worker's pool. */
  readonly threads: number
  readonly env: ProcessEnv
}

/** The worker's pool with one thread, with one for each core, and with one more. */
export function poolContenders(): Contender[] {
  return Array.from({ length: availableCores() + 1 }, (_, i) => {
    const env = { UV_THREADPOOL_SIZE: String(libuvThreads({ POOL_MAX_THREADS: String(i + 1) })) }
    return { name: poolName(i + 1), kind: 'pool', threads: i + 1, env }
  })
}

export function poolName(threads: number): string {
  return `pool, ${threads} thread${threads === 1 ? '' : 's'}`
}

/** libuv's own four threads. */
const DEFAULTS = { UV_THREADPOOL_SIZE: undefined }

/** What would be written instead. */
export const ALTERNATIVES: readonly Contender[] = [
  { name: 'sharp on the main thread', kind: 'main thread', threads: 0, env: DEFAULTS },
  { name: 'plain piscina pool', kind: 'plain pool', threads: 0, env: DEFAULTS },
  { name: 'pool, default libuv', kind: 'pool', threads: availableCores(), env: DEFAULTS },
]
