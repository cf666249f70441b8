import { execFile } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Piscina } from 'piscina'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ThreadPool } from '../../../src/main/pool/thread-pool.ts'
import { readFixture } from '../../threads/picture.ts'
import { FAULTS } from './faulty-thread.ts'

const signal = new AbortController().signal
setMaxListeners(0, signal)
const LOGO = readFixture('emoji-1f98a.png')

/** What was told of lost threads. */
const told: string[] = []

/** Where a job may take as long as it likes, and where one that takes two seconds is hung. */
let patient: ThreadPool
let strict: ThreadPool

beforeAll(() => {
  patient = startPool(3_600_000)
  strict = startPool(2_000)
})

afterAll(() => Promise.all([patient.stop(), strict.stop()]))

function startPool(jobTimeoutMs: number): ThreadPool {
  const onThreadLost = (lost: Error, job: string) => told.push(`${job}: ${lost.message}`)
  const entry = new URL('./faulty-thread.ts', import.meta.url)
  return new ThreadPool({ minThreads: 2, maxThreads: 2, jobTimeoutMs, maxHeapMib: 64, entry, onThreadLost })
}

const goodJob = (pool: ThreadPool) => pool.run('createThumbnail', { encoded: LOGO, sidePx: 16 }, signal)

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lost-threads-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** As where the machine allows no more threads. */
function failToStartOnce(): void {
  const run = vi.spyOn(Piscina.prototype, 'run').mockImplementationOnce(() => {
    throw new Error('no more threads are allowed')
  })
  onTestFinished(() => run.mockRestore())
}

/** A job that takes so many threads along before it succeeds; answers the threads that it would still take. */
function deadlyJob(pool: ThreadPool, sidePx: number, deaths: number, aborted = signal) {
  const encoded = new Uint8Array(new SharedArrayBuffer(1)).fill(deaths)
  return { left: () => encoded[0], result: pool.run('createThumbnail', { encoded, sidePx }, aborted) }
}

describe.each([
  { kind: 'ends', how: FAULTS.exit, pool: () => patient, message: 'crashed' },
  { kind: 'hangs', how: FAULTS.loop, pool: () => strict, message: 'did not end in time' },
  { kind: 'runs out of memory', how: FAULTS.heap, pool: () => patient, message: 'crashed' },
])('hostile conditions: a thread that $kind', ({ how, pool, message }) => {
  it('costs its job one retry and other jobs nothing, and is told of', async () => {
    told.length = 0
    const deadly = deadlyJob(pool(), how, 1)
    const others = await Promise.all(Array.from({ length: 6 }, () => goodJob(pool())))
    expect(others.map(({ value }) => value.width)).toEqual(Array(6).fill(16))
    expect((await deadly.result).value.width).toBe(0)
    expect(deadly.left()).toBe(0)
    expect(told).toEqual([`createThumbnail: the image thread ${message}`])
    expect(pool().threadsLost).toBeGreaterThan(0)
  })
})

describe('hostile conditions: a job that takes two threads along', () => {
  it.each([
    { kind: 'ends', how: FAULTS.exit, pool: () => patient, message: 'crashed' },
    { kind: 'hangs', how: FAULTS.loop, pool: () => strict, message: 'did not end in time' },
  ])('fails for good where each $kind, and others do not', async ({ how, pool, message }) => {
    const deadly = deadlyJob(pool(), how, 9)
    const others = Promise.all(Array.from({ length: 6 }, () => goodJob(pool())))
    await expect(deadly.result).rejects.toMatchObject({
      category: 'image_thread',
      retryable: false,
      message: `the image thread ${message}, twice over the same image`,
    })
    expect(deadly.left()).toBe(7)
    expect(await others).toHaveLength(6)
  })
})

describe('hostile conditions: a thread that cannot be started', () => {
  it('fails its job, which would wait for ever, but not for good: it is not its doing', async () => {
    const entry = new URL('./no-such-thread.js', import.meta.url)
    const pool = new ThreadPool({ minThreads: 0, maxThreads: 1, jobTimeoutMs: 3_600_000, entry })
    await expect(goodJob(pool)).rejects.toMatchObject({
      category: 'image_thread',
      retryable: true,
      message: 'the image thread ended before it had begun',
      cause: { cause: { message: expect.stringContaining('no-such-thread.js') } },
    })
    await pool.stop()
  })

  it('fails its job as well where it ends without a word', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'silent-thread.mjs')
    await writeFile(path, 'process.exit()')
    const pool = new ThreadPool({
      minThreads: 1,
      maxThreads: 1,
      jobTimeoutMs: 3_600_000,
      entry: pathToFileURL(path),
    })
    onTestFinished(() => pool.stop())
    await expect(goodJob(pool)).rejects.toMatchObject({ category: 'image_thread', retryable: true })
    expect(pool.busyThreads).toBe(0)
  })

  it('costs its job nothing where the next one can be', async () => {
    const pool = startPool(3_600_000)
    onTestFinished(() => pool.stop())
    failToStartOnce()
    expect((await goodJob(pool)).value.width).toBe(16)
    expect(pool.threadsLost).toBe(1)
  })

  it('is not held against a job that takes the next one along', async () => {
    const pool = startPool(3_600_000)
    onTestFinished(() => pool.stop())
    failToStartOnce()
    const deadly = deadlyJob(pool, FAULTS.exit, 9)
    await expect(deadly.result).rejects.toMatchObject({ category: 'image_thread', retryable: true })
    expect(deadly.left()).toBe(8)
  })
})

describe('hostile conditions: a thread that hangs in native code', () => {
  it('is waited for by a stop, although it was replaced: the process could not end before it', async () => {
    const folder = await temporaryFolder()
    // Whoever opens a pipe to read it waits for somebody who opens it to write.
    const pipe = join(folder, 'pipe')
    await promisify(execFile)('mkfifo', [pipe])
    const pool = startPool(500)
    const stuck = pool.run('createThumbnail', { encoded: Buffer.from(pipe), sidePx: FAULTS.open }, signal)
    await expect(stuck).rejects.toMatchObject({ category: 'image_thread', retryable: false })

    let isStopped = false
    const stopped = pool.stop().then(() => (isStopped = true))
    // A pool with nothing to wait for stops meanwhile.
    await startPool(500).stop()
    expect(isStopped).toBe(false)
    await writeFile(pipe, '')
    await stopped
  })
})

describe('a pool that has been stopped', () => {
  it('starts no thread any more', async () => {
    const pool = startPool(500)
    await pool.stop()
    await expect(goodJob(pool)).rejects.toMatchObject({ category: 'image_thread', retryable: true })
  })
})

describe('a job whose task is given up', () => {
  it('does not keep its thread when it goes on', async () => {
    told.length = 0
    const task = new AbortController()
    const stuck = [1, 1].map((deaths) => deadlyJob(patient, FAULTS.loop, deaths, task.signal))
    await expect.poll(() => stuck.map(({ left }) => left()), { timeout: 60_000 }).toEqual([0, 0])
    task.abort(new Error('the claim is lost'))
    for (const { result } of stuck) await expect(result).rejects.toThrow('the claim is lost')
    expect((await goodJob(patient)).value.width).toBe(16)
    const line = 'createThumbnail: the image thread was ended, as its task had been given up'
    await expect.poll(() => told).toEqual([line, line])
  })

  it('is never run when it has no thread yet', async () => {
    const task = new AbortController()
    const busy = Array.from({ length: 8 }, () => goodJob(patient))
    const waiting = deadlyJob(patient, FAULTS.exit, 1, task.signal)
    task.abort(new Error('the claim is lost'))
    await expect(waiting.result).rejects.toThrow('the claim is lost')
    await Promise.all(busy)
    await goodJob(patient)
    expect(waiting.left()).toBe(1)
  })
})
