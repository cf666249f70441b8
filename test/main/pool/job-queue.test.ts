import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JobQueue, TaskShare } from '../../../src/main/pool/job-queue.ts'
import { latencyMs, logo, noise, simulate, type SimulatedJob } from './simulated-pool.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const byValue = (a: number, b: number) => a - b
const lastEndMs = (jobs: readonly SimulatedJob[]) => Math.max(...jobs.map(({ endMs }) => endMs))

/** Thread time of all jobs, of those tasks, between two moments. */
function threadMs(jobs: readonly SimulatedJob[], kind: string, fromMs: number, toMs: number): number {
  return jobs
    .filter(({ task }) => task.startsWith(kind))
    .reduce(
      (sum, { startMs, endMs }) => sum + Math.max(0, Math.min(endMs, toMs) - Math.max(startMs, fromMs)),
      0,
    )
}

describe('logos beside four images of noise with 15 palettes each', () => {
  const attack = range(4).map((i) => noise(`noise${i}`, 0))
  // One is always in hand.
  const logos = range(60).map((i) => logo(`logo${i}`, 500 + 400 * i))

  it.each([2, 4, 16])('wait only until the noise has shown itself, with %i threads', (threads) => {
    const jobs = simulate(threads, [...attack, ...logos])
    const alone = simulate(threads, logos)
    for (const task of logos) {
      // The first job of each may find the threads free.
      expect(latencyMs(jobs, task)).toBeLessThan(latencyMs(alone, task) + 2 * 3_000)
    }
    // From then on there is a thread for them at any time, which makes a logo in 465 ms.
    const shownMs = Math.max(...attack.map(({ name }) => jobs.find(({ task }) => task === name)!.endMs))
    const later = logos.filter(({ startMs }) => startMs >= shownMs + 2_000)
    expect(later.length).toBeGreaterThan(20)
    for (const task of later) expect(latencyMs(jobs, task)).toBeLessThan(700)
  })

  it('wait for one of its jobs at a time where there is one thread alone', () => {
    const jobs = simulate(1, [...attack, ...logos])
    // The first job, the second, and the variations may each find a job of noise on the thread.
    for (const task of logos) expect(latencyMs(jobs, task)).toBeLessThan(3 * 7_000 + 1_000)
  })

  it('cost the noise no more than their own time', () => {
    const alone = lastEndMs(simulate(2, attack))
    const jobs = simulate(2, [...attack, ...logos])
    expect(lastEndMs(jobs)).toBeLessThan(alone + 60 * 165)
  })
})

describe('noise beside so many logos that they could use all threads', () => {
  // 2 threads make 12 logos a second; 14 come.
  const logos = range(60 * 14).map((i) => logo(`logo${i}`, (1000 * i) / 14))
  const jobs = simulate(2, [...logos, ...range(3).map((i) => noise(`noise${i}`, 1_000))])

  it('gets about a quarter of the thread time', () => {
    const share = threadMs(jobs, 'noise', 10_000, 60_000) / (2 * 50_000)
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.3)
  })

  it('is finished in the end, and no thread stood still before', () => {
    expect(new Set(jobs.map(({ task }) => task)).size).toBe(60 * 14 + 3)
    expect(threadMs(jobs, '', 0, 60_000)).toBeGreaterThan(0.99 * 2 * 60_000)
  })
})

describe('logos alone', () => {
  it('are finished in the order in which they began, not all at the end', () => {
    const logos = range(20).map((i) => ({ ...logo(`logo${i}`, i), pauseMs: 0 }))
    const jobs = simulate(2, logos)
    const ends = logos.map((task) => task.startMs + latencyMs(jobs, task))
    expect(ends).toEqual(ends.toSorted(byValue))
    // Thread time of ten a thread, in even steps.
    for (const [i, endMs] of ends.entries()) expect(endMs).toBeLessThan(((i + 1) * 165) / 2 + 165)
  })

  it('spread over threads that are idle', () => {
    const [task] = [logo('logo', 0)]
    expect(latencyMs(simulate(1, [task]), task)).toBe(20 + 40 + 300 + 7 * 15)
    expect(latencyMs(simulate(4, [task]), task)).toBe(20 + 40 + 300 + 2 * 15)
    expect(latencyMs(simulate(8, [task]), task)).toBe(20 + 40 + 300 + 15)
  })

  it('leave no thread idle while a job waits', () => {
    const logos = range(200).map((i) => ({ ...logo(`logo${i}`, 0), pauseMs: 0 }))
    const jobs = simulate(16, logos)
    expect(threadMs(jobs, '', 0, lastEndMs(jobs))).toBeGreaterThan(0.97 * 16 * lastEndMs(jobs))
  })
})

describe('a queue of jobs', () => {
  const cost = { jobMs: 1, taskMs: 10 }

  it('forgets a job that is taken back', () => {
    const queue = new JobQueue<string>(1)
    const share = new TaskShare<string>()
    const [first, second] = ['first', 'second'].map((name) => queue.add(share, name, cost))
    queue.remove(first!)
    expect(queue.take(() => true)?.jobs).toEqual(['second'])
    queue.remove(second!)
    expect(queue.take(() => true)).toBeUndefined()
  })

  it('lets nobody pass the one whose turn it is when that one must wait', () => {
    const queue = new JobQueue<string>(2)
    queue.add(new TaskShare<string>(), 'large', cost)
    queue.add(new TaskShare<string>(), 'small', cost)
    expect(queue.take(([job]) => job !== 'large')).toBeUndefined()
    expect(queue.take(() => true)?.jobs).toEqual(['large'])
    expect(queue.take(() => true)?.jobs).toEqual(['small'])
  })

  it('gives one job a thread where several of its task may not have it together', () => {
    const queue = new JobQueue<string>(1)
    const share = new TaskShare<string>()
    for (const job of ['first', 'second', 'third']) queue.add(share, job, cost)
    expect(queue.take(({ length }) => length === 1)?.jobs).toEqual(['first'])
    expect(queue.length).toBe(2)
    expect(queue.take(() => true)?.jobs).toEqual(['second', 'third'])
    expect(queue.length).toBe(0)
  })

  it('gives every job a thread once, whatever the tasks and however long they take', () => {
    const threads = fc.integer({ min: 1, max: 5 })
    const task = fc.record({
      startMs: fc.integer({ min: 0, max: 5_000 }),
      firstMs: fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 3 }),
      pauseMs: fc.integer({ min: 0, max: 1_000 }),
      thenMs: fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 15 }),
      cost: fc.record({
        jobMs: fc.integer({ min: 0, max: 2_000 }),
        taskMs: fc.integer({ min: 0, max: 9_000 }),
      }),
    })
    fc.assert(
      fc.property(threads, fc.array(task, { maxLength: 12 }), fc.boolean(), (count, tasks, isSaturated) => {
        const named = tasks.map((each, i) => ({ ...each, name: `task${i}` }))
        const jobs = simulate(count, named, isSaturated)
        for (const { name, firstMs, thenMs } of named) {
          const times = jobs.filter((job) => job.task === name).map(({ startMs, endMs }) => endMs - startMs)
          expect(times.toSorted(byValue)).toEqual([...firstMs, ...thenMs].toSorted(byValue))
        }
      }),
      { numRuns: 60 },
    )
  })
})
