import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobsAtOnce, type Waiting } from '../../../src/main/pool/jobs-at-once.ts'
import { latencyMs, logo, noise, simulate, type SimulatedJob } from './simulated-pool.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const VARIATION_MS = 15
const MOST_MS = 250

/** Messages to threads, by how many jobs each had. */
function handedOver(jobs: readonly SimulatedJob[]): number[] {
  const sizes = new Map<number, number>()
  for (const { handedOver } of jobs) sizes.set(handedOver, (sizes.get(handedOver) ?? 0) + 1)
  return [...sizes.values()]
}

describe('how many jobs of a task a thread takes at once', () => {
  const waiting = fc.record<Waiting>({
    ofTask: fc.integer({ min: 1, max: 15 }),
    ofOthers: fc.nat(200),
    jobMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
    threads: fc.integer({ min: 1, max: 64 }),
    isMainThreadSaturated: fc.boolean(),
  })

  it('is one at least, all of them at most, and a quarter of a second where it is several', () => {
    fc.assert(
      fc.property(waiting, (state) => {
        const count = jobsAtOnce(state)
        expect(count).toBeGreaterThanOrEqual(1)
        expect(count).toBeLessThanOrEqual(state.ofTask)
        expect(count === 1 || count * state.jobMs <= MOST_MS).toBe(true)
      }),
    )
  })

  it('leaves a job for every other thread, or there would not have been one for each', () => {
    fc.assert(
      fc.property(waiting, (state) => {
        const count = jobsAtOnce({ ...state, isMainThreadSaturated: false })
        const left = state.ofTask - count + state.ofOthers
        expect(count === 1 || left >= state.threads - 1).toBe(true)
      }),
    )
  })

  it('is all where others have work for every other thread, or the main thread none to spare', () => {
    const state = { ofTask: 7, jobMs: VARIATION_MS, threads: 16 }
    expect(jobsAtOnce({ ...state, ofOthers: 15, isMainThreadSaturated: false })).toBe(7)
    expect(jobsAtOnce({ ...state, ofOthers: 13, isMainThreadSaturated: false })).toBe(2)
    expect(jobsAtOnce({ ...state, ofOthers: 0, isMainThreadSaturated: false })).toBe(1)
    expect(jobsAtOnce({ ...state, ofOthers: 0, isMainThreadSaturated: true })).toBe(7)
  })
})

describe('a task that is alone', () => {
  it('is finished as soon as when each variation goes to a thread on its own', () => {
    const threads = fc.integer({ min: 1, max: 32 })
    fc.assert(
      fc.property(threads, fc.integer({ min: 1, max: 15 }), (count, variations) => {
        const task = { ...logo('logo', 0), thenMs: range(variations).map(() => VARIATION_MS) }
        const spreadMs = Math.ceil(variations / count) * VARIATION_MS
        expect(latencyMs(simulate(count, [task]), task)).toBe(20 + 40 + 300 + spreadMs)
      }),
    )
  })
})

describe('many tasks at once', () => {
  // Models take no time, and there is always more work than threads.
  const logos = range(200).map((i) => ({ ...logo(`logo${i}`, 0), pauseMs: 0 }))

  it('go to the threads in three messages each', () => {
    const sizes = handedOver(simulate(16, logos))
    expect(sizes.length).toBeLessThan(1.2 * 3 * logos.length)
    expect(sizes.filter((size) => size === 7).length).toBeGreaterThan(0.9 * logos.length)
  })

  it('are finished in the order in which they began', () => {
    const jobs = simulate(16, logos)
    const ends = logos.map((task) => latencyMs(jobs, task))
    for (const [i, endMs] of ends.entries()) expect(endMs).toBeLessThan(((i + 1) * 165) / 16 + 2 * 165)
  })

  it('leave no thread idle towards the end for longer than one of them takes', () => {
    const jobs = simulate(16, logos)
    const threadMs = jobs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
    const endMs = Math.max(...jobs.map((job) => job.endMs))
    expect(endMs).toBeLessThan(threadMs / 16 + 165)
  })
})

describe('heavy tasks', () => {
  it('hand over one job at a time, however much waits', () => {
    const sizes = handedOver(
      simulate(
        2,
        range(4).map((i) => noise(`noise${i}`, 0)),
        true,
      ),
    )
    expect(Math.max(...sizes)).toBe(1)
  })
})
