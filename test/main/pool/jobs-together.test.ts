import { setMaxListeners } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ThreadPool } from '../../../src/main/pool/thread-pool.ts'
import { readFixture } from '../../threads/picture.ts'
import { FAULTS } from './faulty-thread.ts'

const signal = new AbortController().signal
setMaxListeners(0, signal)
const LOGO = readFixture('emoji-1f98a.png')
const TIMEOUT_MS = 2_000

/** What was told of lost threads. */
let told: string[]
let pool: ThreadPool

beforeAll(() => {
  pool = new ThreadPool({
    minThreads: 2,
    maxThreads: 2,
    jobTimeoutMs: TIMEOUT_MS,
    entry: new URL('./faulty-thread.ts', import.meta.url),
    onThreadLost: (lost, job) => told.push(`${job}: ${lost.message}`),
    // So that all jobs of a task go to one thread.
    mainThread: { isSaturated: true },
  })
})

afterAll(() => pool.stop())

beforeEach(() => {
  told = []
})

/** Jobs of one task: thumbnails of so many pixels a side, or faults. */
function runTogether(sides: readonly number[], deaths = 0, aborted = signal) {
  const share = pool.open()
  const terms = { share, cost: { jobMs: 1, taskMs: 10 }, memory: undefined }
  const files = sides.map((side) => (side > 0 ? LOGO : new Uint8Array(new SharedArrayBuffer(1)).fill(deaths)))
  const results = files.map((encoded, i) =>
    pool.run('createThumbnail', { encoded, sidePx: sides[i]! }, aborted, terms),
  )
  return { files, results, all: Promise.allSettled(results).finally(() => pool.close(share)) }
}

const widths = (settled: readonly PromiseSettledResult<{ readonly value: { readonly width: number } }>[]) =>
  settled.map((each) => (each.status === 'fulfilled' ? each.value.value.width : null))

describe('jobs that a thread does one after the other', () => {
  it('tell how long each took, and how long it lay there until the last was done', async () => {
    const results = await Promise.all(runTogether([16, 32, 48]).results)
    expect(results.map(({ value }) => value.width)).toEqual([16, 32, 48])
    const [first, second, third] = results
    expect(first!.restMs).toBeCloseTo(second!.runMs + third!.runMs, 5)
    expect(second!.restMs).toBeCloseTo(third!.runMs, 5)
    expect(third!.restMs).toBe(0)
    for (const { runMs } of results) expect(runMs).toBeGreaterThan(0)
  })

  it('may take longer together than one of them may', async () => {
    const { all } = runTogether(range(6).map(() => FAULTS.pause))
    expect(widths(await all)).toEqual([0, 0, 0, 0, 0, 0])
    expect(told).toEqual([])
  })

  it('fail alone', async () => {
    const settled = await runTogether([16, 0, 32]).all
    expect(widths(settled)).toEqual([16, null, 32])
    // What stands in the row names nothing of the inside; the log does.
    expect(settled[1]).toMatchObject({
      reason: {
        category: 'image_thread',
        message: 'the image could not be processed',
        cause: { message: expect.stringContaining('positive integer') },
      },
    })
  })
})

describe.each([
  { kind: 'ends', how: FAULTS.exit, message: 'crashed' },
  { kind: 'hangs', how: FAULTS.loop, message: 'did not end in time' },
])('hostile conditions: jobs on one thread that $kind', ({ how, message }) => {
  it('are done all the same when one of them loses it once', async () => {
    const { all, files } = runTogether([16, 32, how, 48], 1)
    expect(widths(await all)).toEqual([16, 32, 0, 48])
    expect(files[2]![0]).toBe(0)
    expect(told).toEqual([`createThumbnail: the image thread ${message}`])
  })

  it('are done but for the one that takes two threads along', async () => {
    const { all, files } = runTogether([16, 32, how, 48], 9)
    const settled = await all
    expect(widths(settled)).toEqual([16, 32, null, 48])
    expect(settled[2]).toMatchObject({
      reason: { retryable: false, message: `the image thread ${message}, twice over the same image` },
    })
    expect(files[2]![0]).toBe(7)
  })
})

describe('jobs whose task is given up', () => {
  it('do not keep their thread', async () => {
    const task = new AbortController()
    const stuck = [1, 2].map(() => runTogether([FAULTS.loop, FAULTS.loop], 1, task.signal))
    await expect.poll(() => stuck.map(({ files }) => files[0]![0]), { timeout: 60_000 }).toEqual([0, 0])
    task.abort(new Error('the claim is lost'))
    for (const { results } of stuck) {
      for (const result of results) await expect(result).rejects.toThrow('the claim is lost')
    }
    expect(widths(await runTogether([16, 32]).all)).toEqual([16, 32])
    // The second of each was never begun.
    expect(stuck.map(({ files }) => files[1]![0])).toEqual([1, 1])
  })
})

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}
