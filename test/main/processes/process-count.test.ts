import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { sharesOf } from '../../../src/main/processes/shares.ts'
import { problemsOf } from '../config/problems.ts'

const processesWith = (env: Record<string, string>) => loadConfig(env).processes

describe('how many processes a worker has', () => {
  it.each([
    ['1', 1],
    ['16', 1],
    ['17', 2],
    ['64', 4],
    ['128', 8],
  ])('is one for each 16 image threads: with %s it is %i', (threads, processes) => {
    // This machine's own memory might not do for so many.
    expect(processesWith({ POOL_MAX_THREADS: threads, IMAGE_MEMORY_MIB: '65536' })).toBe(processes)
  })

  it('is what is configured', () => {
    expect(processesWith({ POOL_MAX_THREADS: '64', WORKER_PROCESSES: '1' })).toBe(1)
    expect(processesWith({ POOL_MAX_THREADS: '4', WORKER_PROCESSES: '4' })).toBe(4)
  })

  it.each([
    [{ MAX_TASKS_IN_FLIGHT: '2' }, 2],
    [{ MODEL_CONCURRENCY: '3' }, 3],
    [{ IMAGE_MEMORY_MIB: '3000' }, 2],
    [{ IMAGE_MEMORY_MIB: '64' }, 1],
  ])('leaves each a part of what is shared, with room for any image: %o', (env, processes) => {
    expect(processesWith({ POOL_MAX_THREADS: '64', IMAGE_MEMORY_MIB: '65536', ...env })).toBe(processes)
  })

  it.each([
    [{ POOL_MAX_THREADS: '4' }, 4, 'POOL_MAX_THREADS'],
    [{ POOL_MAX_THREADS: '8', MAX_TASKS_IN_FLIGHT: '2' }, 2, 'MAX_TASKS_IN_FLIGHT'],
    [{ POOL_MAX_THREADS: '8', MODEL_CONCURRENCY: '1' }, 1, 'MODEL_CONCURRENCY'],
    [{ POOL_MAX_THREADS: '8', IMAGE_MEMORY_MIB: '100' }, 3, 'IMAGE_MEMORY_MIB'],
  ])('cannot be more than there are parts: %o', (env, most, variable) => {
    expect(problemsOf({ ...env, WORKER_PROCESSES: '5' })).toEqual([
      `WORKER_PROCESSES=5: expected at most ${most}, so that each has a part of ${variable}`,
    ])
  })
})

describe('the shares of several processes', () => {
  const env = {
    POOL_MAX_THREADS: '10',
    POOL_MIN_THREADS: '2',
    IMAGE_MEMORY_MIB: '1000',
    MAX_TASKS_IN_FLIGHT: '40',
    MODEL_CONCURRENCY: '7',
    WORKER_PROCESSES: '3',
    HTTP_PORT: '9090',
  }
  const shares = sharesOf(loadConfig(env), env).map((share) => loadConfig({ ...env, ...share }))

  it('come to what one process would have', () => {
    const threads = shares.map(({ pool }) => pool.maxThreads)
    expect(threads).toEqual([4, 3, 3])
    const total = (value: (share: (typeof shares)[number]) => number) =>
      shares.reduce((sum, share) => sum + value(share), 0)
    expect(total(({ pool }) => pool.imageMemoryMib)).toBe(1000)
    expect(total(({ tasks }) => tasks.maxInFlight ?? 0)).toBe(40)
    expect(total(({ models }) => models.concurrency)).toBe(7)
  })

  it('are settings of a worker that is one process and opens no port', () => {
    for (const { processes, http, pool } of shares) {
      expect(processes).toBe(1)
      expect(http.port).toBeNull()
      expect(pool.minThreads).toBe(1)
    }
  })

  it('leave what is not configured to each process', () => {
    const [share] = sharesOf(loadConfig({ POOL_MAX_THREADS: '64', WORKER_PROCESSES: '4' }), {})
    expect(share).not.toHaveProperty('MAX_TASKS_IN_FLIGHT')
    expect(share).not.toHaveProperty('MODEL_CONCURRENCY')
    expect(share).toMatchObject({ POOL_MAX_THREADS: '16' })
  })
})
