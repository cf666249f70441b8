import { givenVariables, type Config } from '../config/config.ts'

/**
 * The environment of each process of several, beside what all have: its share of everything that is counted for the
 * whole machine. Together they have just what one process would have.
 */
export function sharesOf(config: Config, env: NodeJS.ProcessEnv): Record<string, string>[] {
  const { processes, pool } = config
  const { MAX_TASKS_IN_FLIGHT, MODEL_CONCURRENCY } = givenVariables(env)
  const counted: Record<string, number> = {
    POOL_MAX_THREADS: pool.maxThreads,
    IMAGE_MEMORY_MIB: pool.imageMemoryMib,
    // Where they are not given, each process finds its own.
    ...(MAX_TASKS_IN_FLIGHT ? { MAX_TASKS_IN_FLIGHT: Number(MAX_TASKS_IN_FLIGHT) } : {}),
    ...(MODEL_CONCURRENCY ? { MODEL_CONCURRENCY: Number(MODEL_CONCURRENCY) } : {}),
  }
  return Array.from({ length: processes }, (_, at) => ({
    ...Object.fromEntries(
      Object.entries(counted).map(([name, total]) => [name, String(partOf(total, processes, at))]),
    ),
    POOL_MIN_THREADS: String(Math.max(1, partOf(pool.minThreads, processes, at))),
    WORKER_PROCESSES: '1',
    // The launcher sets it anew for so many threads.
    UV_THREADPOOL_SIZE: '',
    // The first process answers for all.
    HTTP_PORT: '',
  }))
}

/** One of the whole parts of a total that differ by one at most, larger ones first. */
function partOf(total: number, parts: number, at: number): number {
  return Math.floor((total + parts - 1 - at) / parts)
}
