import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { availableCores, parseQuota } from '../../../src/main/pool/available-cores.ts'
import { libuvThreads } from '../../../src/main/pool/libuv-threads.ts'

describe('the number of image threads where none is set', () => {
  it('is at least one and at most what the machine has', () => {
    expect(availableCores()).toBeGreaterThanOrEqual(1)
    expect(availableCores()).toBeLessThanOrEqual(availableParallelism())
  })

  it.each([
    ['250000 100000\n', 2.5],
    ['50000 100000', 0.5],
    ['max 100000', Infinity],
    ['-1 100000', Infinity],
    ['', Infinity],
  ])('follows a quota of %j', (text, cores) => {
    expect(parseQuota(text)).toBe(cores)
  })
})

describe("libuv's thread pool", () => {
  it('has a thread for each image thread and as many to spare, up to eight', () => {
    expect(libuvThreads({ POOL_MAX_THREADS: '3' })).toBe(6)
    expect(libuvThreads({ POOL_MAX_THREADS: '64' })).toBe(72)
    expect(libuvThreads({})).toBe(libuvThreads({ POOL_MAX_THREADS: String(availableCores()) }))
  })

  it('is never smaller than without us', () => {
    expect(libuvThreads({ POOL_MAX_THREADS: '1' })).toBe(4)
  })

  it('keeps a larger size that the operator set, and raises a smaller one', () => {
    expect(libuvThreads({ POOL_MAX_THREADS: '4', UV_THREADPOOL_SIZE: '100' })).toBe(100)
    expect(libuvThreads({ POOL_MAX_THREADS: '4', UV_THREADPOOL_SIZE: '1' })).toBe(8)
  })

  it('is left to the configuration to complain about nonsense', () => {
    expect(libuvThreads({ POOL_MAX_THREADS: 'many', UV_THREADPOOL_SIZE: 'x' })).toBe(libuvThreads({}))
  })
})
