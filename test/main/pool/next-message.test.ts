import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ThreadPool } from '../../../src/main/pool/thread-pool.ts'
import { FAULTS, GATE } from './faulty-thread.ts'

const signal = new AbortController().signal
const SHORT_MS = 50
const LONG_MS = 1_000
/** For how long a thread may go on with what has been given up. */
const ABORT_PATIENCE_MS = 1_000

/** Threads that have done something before, so that it is known that they answer. */
async function threads(count: number) {
  const told: string[] = []
  const pool = new ThreadPool({
    minThreads: count,
    maxThreads: count,
    jobTimeoutMs: 3_600_000,
    entry: new URL('./faulty-thread.ts', import.meta.url),
    onThreadLost: (lost, job) => told.push(`${job}: ${lost.message}`),
  })
  onTestFinished(() => pool.stop())
  const first = Array.from({ length: count }, () => atGate(pool))
  for (const { begun } of first) await begun()
  for (const { open } of first) open()
  await Promise.all(first.map(({ result }) => result))
  return { pool, told }
}

/** A job of a task of its own that waits on its thread until its gate is opened. */
function atGate(pool: ThreadPool, { jobMs = SHORT_MS, deaths = 0, aborted = signal } = {}) {
  const cells = new Int32Array(new SharedArrayBuffer(GATE.length * Int32Array.BYTES_PER_ELEMENT))
  cells[GATE.deaths] = deaths
  const terms = { share: pool.open(), cost: { jobMs, taskMs: jobMs }, memory: undefined }
  const input = { encoded: new Uint8Array(cells.buffer), sidePx: FAULTS.gate }
  return {
    result: pool.run('createThumbnail', input, aborted, terms).finally(() => pool.close(terms.share)),
    timesBegun: () => cells[GATE.begun],
    begun: async () => {
      await expect.poll(() => cells[GATE.begun], { timeout: 60_000, interval: 5 }).toBe(1)
    },
    /** Without a turn of the main thread's event loop. */
    begunMeanwhile: () => Atomics.wait(cells, GATE.begun, 0, 60_000) !== 'timed-out',
    open: () => {
      cells[GATE.isOpen] = 1
      Atomics.notify(cells, GATE.isOpen)
    },
  }
}

describe('a message that lies ready with a busy thread', () => {
  it('is begun without the main thread', async () => {
    const { pool } = await threads(1)
    const [present, next] = [atGate(pool), atGate(pool)]
    await present.begun()
    present.open()
    expect(next.begunMeanwhile()).toBe(true)
    // The answer does not wait for the next one's.
    await present.result
    next.open()
    await next.result
  })

  it('is begun without the main thread, too, where one before it was given up', async () => {
    const { pool } = await threads(1)
    const task = new AbortController()
    const present = atGate(pool)
    const givenUp = atGate(pool, { aborted: task.signal })
    await present.begun()
    task.abort(new Error('the claim is lost'))
    await expect(givenUp.result).rejects.toThrow('the claim is lost')
    const next = atGate(pool)
    await expect.poll(() => pool.queuedJobs).toBe(0)
    present.open()
    expect(next.begunMeanwhile()).toBe(true)
    next.open()
    await Promise.all([present.result, next.result])
    expect(givenUp.timesBegun()).toBe(0)
  })

  it('is the only one, short, and behind a short one', async () => {
    const { pool } = await threads(1)
    const short = [atGate(pool), atGate(pool), atGate(pool)]
    await short[0]!.begun()
    expect(pool.queuedJobs).toBe(1)
    for (const { open } of short) open()
    await Promise.all(short.map(({ result }) => result))

    const behindLong = [atGate(pool, { jobMs: LONG_MS }), atGate(pool)]
    await behindLong[0]!.begun()
    expect(pool.queuedJobs).toBe(1)
    for (const { open } of behindLong) open()
    await Promise.all(behindLong.map(({ result }) => result))

    const longBehind = [atGate(pool), atGate(pool, { jobMs: LONG_MS })]
    await longBehind[0]!.begun()
    expect(pool.queuedJobs).toBe(1)
    for (const { open } of longBehind) open()
    await Promise.all(longBehind.map(({ result }) => result))
  })

  it('goes to another thread that has nothing else to do', async () => {
    const { pool } = await threads(2)
    const slow = atGate(pool, { jobMs: SHORT_MS / 2 })
    const quick = atGate(pool)
    // It lies with the one that was expected to be done first, which is not.
    const next = atGate(pool)
    for (const { begun } of [slow, quick]) await begun()
    expect(pool.queuedJobs).toBe(0)
    next.open()
    quick.open()
    await Promise.all([quick.result, next.result])
    expect(pool.busyThreads).toBe(1)
    slow.open()
    await slow.result
  })

  it('goes to the thread that is free next, before what still waits, where its own keeps it for too long', async () => {
    const { pool } = await threads(2)
    const slow = atGate(pool, { jobMs: SHORT_MS / 2 })
    const quick = atGate(pool)
    const [late, second] = [atGate(pool), atGate(pool)]
    for (const { begun } of [slow, quick]) await begun()
    const last = atGate(pool)
    await expect.poll(() => pool.queuedJobs).toBe(1)
    const nowMs = performance.now.bind(performance)
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs() + LONG_MS)
    onTestFinished(() => clock.mockRestore())
    quick.open()
    await quick.result
    second.open()
    await late.begun()
    expect(last.timesBegun()).toBe(0)
    for (const { open } of [slow, late, last]) open()
    await Promise.all([slow, second, late, last].map(({ result }) => result))
  })

  it('is never begun when its task is given up, and the thread goes on with the other', async () => {
    const { pool, told } = await threads(1)
    const task = new AbortController()
    const present = atGate(pool)
    const next = atGate(pool, { aborted: task.signal })
    await present.begun()
    expect(pool.queuedJobs).toBe(0)
    task.abort(new Error('the claim is lost'))
    await expect(next.result).rejects.toThrow('the claim is lost')
    const after = atGate(pool)
    for (const { open } of [present, after]) open()
    await Promise.all([present.result, after.result])
    expect(next.timesBegun()).toBe(0)
    expect(told).toEqual([])
  })

  it('does not lose its thread to the task given up that the thread was done with before', async () => {
    const { pool, told } = await threads(1)
    const task = new AbortController()
    const present = atGate(pool, { aborted: task.signal })
    const next = atGate(pool)
    await present.begun()
    task.abort(new Error('the claim is lost'))
    await expect(present.result).rejects.toThrow('the claim is lost')
    // The main thread looks at its timers before its messages when it comes to both after this.
    await new Promise(setImmediate)
    blockFor(ABORT_PATIENCE_MS + 100)
    present.open()
    expect(next.begunMeanwhile()).toBe(true)
    next.open()
    await next.result
    expect(next.timesBegun()).toBe(1)
    expect(told).toEqual([])
  })

  it('hostile conditions: is done all the same, once, when the job before it takes the thread along', async () => {
    const { pool, told } = await threads(1)
    // With a second death its answer could be on the way from the thread that dies, and it would be done anew.
    const [deadly, next] = [atGate(pool, { deaths: 1 }), atGate(pool)]
    await deadly.begun()
    expect(pool.queuedJobs).toBe(0)
    for (const { open } of [deadly, next]) open()
    await Promise.all([deadly.result, next.result])
    expect(next.timesBegun()).toBe(1)
    expect(told).toHaveLength(1)
  })

  it('hostile conditions: keeps the new thread busy when its own one ended with a task given up', async () => {
    const { pool } = await threads(1)
    const task = new AbortController()
    const deadly = atGate(pool, { deaths: 1, aborted: task.signal })
    const next = atGate(pool)
    await deadly.begun()
    task.abort(new Error('the claim is lost'))
    await expect(deadly.result).rejects.toThrow('the claim is lost')
    deadly.open()
    await next.begun()
    expect(pool.busyThreads).toBe(1)
    next.open()
    await next.result
    await expect.poll(() => pool.busyThreads).toBe(0)
  })

  it('hostile conditions: is done all the same where one before it was given up and the thread ends', async () => {
    const { pool } = await threads(2)
    const task = new AbortController()
    const deadly = atGate(pool, { jobMs: SHORT_MS / 2, deaths: 1 })
    const busy = atGate(pool)
    const givenUp = atGate(pool, { aborted: task.signal })
    for (const { begun } of [deadly, busy]) await begun()
    task.abort(new Error('the claim is lost'))
    await expect(givenUp.result).rejects.toThrow('the claim is lost')
    const next = atGate(pool)
    await expect.poll(() => pool.queuedJobs).toBe(0)
    deadly.open()
    await next.begun()
    for (const { open } of [busy, next]) open()
    await Promise.all([deadly, busy, next].map(({ result }) => result))
    expect(next.timesBegun()).toBe(1)
  })

  it('hostile conditions: fails alone when it cannot be sent', async () => {
    const { pool } = await threads(1)
    const present = atGate(pool)
    await present.begun()
    const encoded = new Uint8Array(1)
    structuredClone(encoded, { transfer: [encoded.buffer] })
    const share = pool.open()
    const terms = { share, cost: { jobMs: SHORT_MS, taskMs: SHORT_MS }, memory: undefined }
    const unsendable = pool.run('createThumbnail', { encoded, sidePx: 1 }, signal, terms)
    await expect(unsendable).rejects.toMatchObject({ category: 'image_thread', retryable: true })
    pool.close(share)
    present.open()
    await present.result
    expect(present.timesBegun()).toBe(1)
  })
})

/** Keeps the main thread from everything else for so long. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms)
}
