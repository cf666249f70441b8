import { setMaxListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemoryNeed } from '../../../src/main/pool/image-cost.ts'
import { ImageMemory, type Holding } from '../../../src/main/pool/image-memory.ts'

const signal = new AbortController().signal
setMaxListeners(0, signal)
const TOTAL = 1_000
const small: MemoryNeed = { heldBytes: 10, workBytes: 10, resultBytes: 0 }
const large: MemoryNeed = { heldBytes: 200, workBytes: 200, resultBytes: 0 }

/** Images in the order in which they were let in. */
function arrivals(memory: ImageMemory) {
  const admitted: string[] = []
  const holdings = new Map<string, Holding>()
  return {
    admitted,
    arrive: async (name: string, need: MemoryNeed, aborted = signal) => {
      holdings.set(name, await memory.admit(need, aborted))
      admitted.push(name)
    },
    leave: async (name: string) => {
      holdings.get(name)!.release()
      // Whoever was waiting goes on in later microtasks.
      await new Promise(setImmediate)
    },
  }
}

describe('the memory for images', () => {
  it('lets an image in while there is room, and the next when one leaves', async () => {
    const memory = new ImageMemory(TOTAL, 2)
    const { admitted, arrive, leave } = arrivals(memory)
    const all = ['a', 'b', 'c'].map((name) => arrive(name, large))
    await Promise.all(all.slice(0, 1))
    expect(admitted).toEqual(['a'])
    await leave('a')
    expect(admitted).toEqual(['a', 'b'])
    await leave('b')
    expect(admitted).toEqual(['a', 'b', 'c'])
    await leave('c')
    expect(memory.usedBytes).toBe(0)
  })

  it('lets small images pass large ones that wait', async () => {
    const { admitted, arrive } = arrivals(new ImageMemory(TOTAL, 2))
    await arrive('first', large)
    void arrive('second', large)
    await arrive('small', small)
    expect(admitted).toEqual(['first', 'small'])
  })

  it('keeps room for a large image that small ones have passed, until it is in', async () => {
    const { admitted, arrive, leave } = arrivals(new ImageMemory(TOTAL, 2))
    // 75 small ones fill what there is; more come all the time.
    const crowd = Array.from({ length: 150 }, (_, i) => `small${i}`)
    for (const name of crowd) void arrive(name, small)
    await new Promise(setImmediate)
    expect(admitted).toHaveLength(75)
    void arrive('large', large)
    for (let i = 0; !admitted.includes('large'); i++) await leave(`small${i}`)
    // It took the place of those 20 that left first.
    expect(admitted).toHaveLength(76)
  })

  it('takes an image that needs more than half of it alone among the large ones', async () => {
    const { admitted, arrive } = arrivals(new ImageMemory(TOTAL, 2))
    await arrive('huge', { heldBytes: 300, workBytes: 700, resultBytes: 0 })
    void arrive('large', large)
    await new Promise(setImmediate)
    expect(admitted).toEqual(['huge'])
  })

  it('refuses an image that could never fit, and says why', async () => {
    const memory = new ImageMemory(100 * 1024 * 1024, 2)
    const need = { heldBytes: 90 * 1024 * 1024, workBytes: 20 * 1024 * 1024, resultBytes: 0 }
    await expect(memory.admit(need, signal)).rejects.toMatchObject({
      category: 'invalid_image',
      message: 'the image must fit into 100 MiB of memory; it may need 110',
    })
    expect(memory.usedBytes).toBe(0)
  })

  it('lets go of whoever waits and is given up, and of those behind', async () => {
    const { admitted, arrive } = arrivals(new ImageMemory(TOTAL, 2))
    await arrive('first', { heldBytes: 500, workBytes: 300, resultBytes: 0 })
    const given = new AbortController()
    const waiting = arrive('waiting', { heldBytes: 240, workBytes: 10, resultBytes: 0 }, given.signal)
    void arrive('behind', small)
    given.abort(new Error('the claim is lost'))
    await expect(waiting).rejects.toThrow('the claim is lost')
    await new Promise(setImmediate)
    expect(admitted).toEqual(['first', 'behind'])
  })

  it('counts an image until its last job has ended, whatever its owner does', async () => {
    const memory = new ImageMemory(TOTAL, 2)
    const holding = await memory.admit(large, signal)
    expect(holding.startJobs(1)).toBe(true)
    holding.release()
    holding.release()
    expect(memory.usedBytes).toBe(400)
    holding.endJobs(1)
    expect(memory.usedBytes).toBe(0)
  })

  it('starts jobs only while their work fits beside all images in hand', async () => {
    const memory = new ImageMemory(TOTAL, 2)
    const holdings = [
      await memory.admit({ heldBytes: 300, workBytes: 400, resultBytes: 0 }, signal),
      await memory.admit({ heldBytes: 100, workBytes: 20, resultBytes: 0 }, signal),
    ]
    expect(holdings[0]!.startJobs(1)).toBe(true)
    expect(holdings[0]!.startJobs(1)).toBe(false)
    expect(holdings[1]!.startJobs(1)).toBe(true)
    holdings[0]!.endJobs(1)
    expect(holdings[0]!.startJobs(1)).toBe(true)
  })

  it('counts the results that wait for the last of several jobs', async () => {
    const memory = new ImageMemory(TOTAL, 2)
    const holding = await memory.admit({ heldBytes: 300, workBytes: 100, resultBytes: 50 }, signal)
    expect(holding.startJobs(5)).toBe(true)
    expect(memory.usedBytes).toBe(300 + 100 + 4 * 50)
    expect(holding.startJobs(8)).toBe(false)
    expect(holding.startJobs(7)).toBe(true)
    holding.endJobs(5)
    holding.endJobs(7)
    holding.release()
    expect(memory.usedBytes).toBe(0)
  })

  it('is never exceeded, never stuck and empty in the end, whatever comes and goes', async () => {
    const need = fc.record({
      heldBytes: fc.integer({ min: 0, max: 400 }),
      workBytes: fc.integer({ min: 1, max: 500 }),
      resultBytes: fc.integer({ min: 0, max: 100 }),
    })
    const threads = fc.integer({ min: 1, max: 4 })
    await fc.assert(
      fc.asyncProperty(threads, fc.array(need, { maxLength: 40 }), async (count, needs) => {
        const memory = new ImageMemory(TOTAL, count)
        const fitting = needs.filter(
          ({ heldBytes, workBytes }) => heldBytes + Math.max(250, workBytes) <= TOTAL,
        )
        const live = async (own: MemoryNeed) => {
          const holding = await memory.admit(own, signal)
          // Several at once where there is room for them, as the pool does it.
          let count = 7
          for (let tries = 0; !holding.startJobs(count); tries++) {
            expect(tries).toBeLessThan(1_000)
            if (count === 1) await new Promise(setImmediate)
            count = 1
          }
          expect(memory.usedBytes).toBeLessThanOrEqual(TOTAL)
          await new Promise(setImmediate)
          holding.endJobs(count)
          holding.release()
        }
        await Promise.all(fitting.map(live))
        expect(memory.usedBytes).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
