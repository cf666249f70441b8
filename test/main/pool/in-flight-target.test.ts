import { describe, expect, it } from 'vitest'
import { InFlightTarget, tasksInFlight, type TaskUse } from '../../../src/main/pool/in-flight-target.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2
const IMAGE_MS = 165
const IDLE = { isSaturated: false }

/** Numbers that look random and are the same in every run, in [0, 1). */
function randomNumbers(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

type Worker = { readonly threads: number; readonly latencyMs: number; readonly inFlight: () => number }

/**
 * A worker with tasks without end: each waits for the models, for a time that varies as exponential ones do, then for a
 * thread, and uses it for 165 ms. Answers how busy the threads were after a minute of warming up.
 */
function busyShare({ threads, latencyMs, inFlight }: Worker, onEnd = (_use: TaskUse) => {}): number {
  const random = randomNumbers()
  const warmMs = 60_000
  const endMs = warmMs + 30_000
  const events: { atMs: number; happen: () => void }[] = []
  const ready: (() => void)[] = []
  let nowMs = 0
  let tasks = 0
  let free = threads
  let busyMs = 0

  const after = (ms: number, happen: () => void) => {
    const event = { atMs: nowMs + ms, happen }
    let low = 0
    for (let high = events.length; low < high;) {
      const middle = (low + high) >> 1
      if (events[middle]!.atMs > event.atMs) low = middle + 1
      else high = middle
    }
    events.splice(low, 0, event)
  }
  const fill = () => {
    for (; tasks < inFlight(); tasks++) {
      const elsewhereMs = -latencyMs * Math.log(1 - random())
      after(elsewhereMs, () => ready.push(() => runImageWork(elsewhereMs)))
    }
  }
  const runImageWork = (elsewhereMs: number) => {
    free--
    busyMs += Math.max(0, Math.min(nowMs + IMAGE_MS, endMs) - Math.max(nowMs, warmMs))
    after(IMAGE_MS, () => {
      free++
      tasks--
      onEnd({ imageMs: IMAGE_MS, elsewhereMs, meanBytes: MIB })
    })
  }
  for (fill(); nowMs < endMs; fill()) {
    const event = events.pop()!
    nowMs = event.atMs
    event.happen()
    for (const run of ready.splice(0, free)) run()
  }
  return busyMs / (threads * (endMs - warmMs))
}

const SETTINGS = [2, 32].flatMap((threads) => [0, 1_000, 15_000].map((latencyMs) => ({ threads, latencyMs })))

describe('the number of tasks in flight', () => {
  it.each(SETTINGS)('keeps $threads threads busy at $latencyMs ms of models', ({ threads, latencyMs }) => {
    const use = { imageMs: IMAGE_MS, elsewhereMs: latencyMs, meanBytes: MIB }
    const tasks = tasksInFlight({ threads, memoryBytes: 64 * GIB }, use)
    expect(busyShare({ threads, latencyMs, inFlight: () => tasks })).toBeGreaterThan(0.95)
  })

  it.each([2, 32])('is not far more than %i threads need for that', (threads) => {
    const latencyMs = 15_000
    const tasks = tasksInFlight(
      { threads, memoryBytes: 64 * GIB },
      { imageMs: IMAGE_MS, elsewhereMs: latencyMs, meanBytes: MIB },
    )
    expect(busyShare({ threads, latencyMs, inFlight: () => tasks / 2 })).toBeLessThan(0.85)
  })

  it.each(SETTINGS)('finds itself with $threads threads and $latencyMs ms', ({ threads, latencyMs }) => {
    const target = new InFlightTarget({ threads, memoryBytes: 64 * GIB }, null, IDLE)
    const share = busyShare({ threads, latencyMs, inFlight: () => target.current }, (use) =>
      target.record(use),
    )
    expect(share).toBeGreaterThan(0.92)
  })

  it('is no more than the memory can hold', () => {
    const use = { imageMs: IMAGE_MS, elsewhereMs: 60_000, meanBytes: 10 * MIB }
    expect(tasksInFlight({ threads: 4, memoryBytes: 2 * GIB }, use)).toBe(153)
    expect(tasksInFlight({ threads: 4, memoryBytes: 1 * GIB }, use)).toBe(76)
  })

  it('is never less than two for each thread, nor more than 256', () => {
    const size = { threads: 4, memoryBytes: GIB }
    expect(tasksInFlight(size, { imageMs: 1_000, elsewhereMs: 0, meanBytes: GIB })).toBe(8)
    expect(tasksInFlight(size, { imageMs: 1, elsewhereMs: 3_600_000, meanBytes: 0 })).toBe(1024)
  })

  it('begins with eight for each thread, and is what was configured where it was', () => {
    const size = { threads: 4, memoryBytes: GIB }
    expect(new InFlightTarget(size, null, IDLE).current).toBe(32)
    const configured = new InFlightTarget(size, 5, IDLE)
    configured.record({ imageMs: 1, elsewhereMs: 9_999, meanBytes: 1 })
    expect(configured.current).toBe(5)
  })

  it('does not follow tasks that came to no image work', () => {
    const target = new InFlightTarget({ threads: 2, memoryBytes: GIB }, null, IDLE)
    for (let i = 0; i < 100; i++) target.record({ imageMs: 0, elsewhereMs: 50_000, meanBytes: 0 })
    expect(target.current).toBe(16)
  })

  it('does not grow while the main thread is what tasks wait for, but shrinks, and grows again afterwards', () => {
    const load = { isSaturated: true }
    const target = new InFlightTarget({ threads: 4, memoryBytes: 64 * GIB }, null, load)
    const taking = (elsewhereMs: number) => {
      for (let i = 0; i < 200; i++) target.record({ imageMs: IMAGE_MS, elsewhereMs, meanBytes: MIB })
      return target.current
    }
    expect(taking(15_000)).toBe(32)
    const least = taking(0)
    expect(least).toBeLessThan(32)
    expect(taking(15_000)).toBe(least)
    load.isSaturated = false
    expect(taking(15_000)).toBeGreaterThan(32)
  })
})
