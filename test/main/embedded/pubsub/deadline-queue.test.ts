import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DeadlineQueue, type Scheduled } from '../../../../src/main/embedded/pubsub/deadline-queue.ts'

type Item = Scheduled & { readonly id: number }

const newItem = (id: number): Item => ({ id, dueAtMs: 0, slot: -1 })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a queue of deadlines', () => {
  it('hands out whatever is due, in order, and nothing that was moved away or cancelled', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('schedule' as const),
        id: fc.nat(12),
        delayMs: fc.integer({ min: 1, max: 50 }),
      }),
      fc.record({ kind: fc.constant('cancel' as const), id: fc.nat(12) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const heard: number[] = []
        const expected = new Map<number, number>()
        const queue = new DeadlineQueue<Item>((due) => heard.push(...due.map(({ dueAtMs }) => dueAtMs)))
        const items = Array.from({ length: 13 }, (_, id) => newItem(id))
        const pass = (ms: number) => {
          vi.advanceTimersByTime(ms)
          const nowMs = performance.now()
          const due = [...expected].filter(([, dueAtMs]) => dueAtMs <= nowMs)
          for (const [id] of due) expected.delete(id)
          expect(heard.splice(0)).toEqual(due.map(([, dueAtMs]) => dueAtMs).toSorted((a, b) => a - b))
          expect(items.filter(({ slot }) => slot >= 0).map(({ id }) => id)).toEqual(
            [...expected.keys()].toSorted((a, b) => a - b),
          )
        }
        for (const each of steps) {
          if (each.kind === 'schedule') {
            queue.schedule(items[each.id]!, each.delayMs)
            expected.set(each.id, performance.now() + each.delayMs)
          } else if (each.kind === 'cancel') {
            queue.cancel(items[each.id]!)
            expected.delete(each.id)
          } else pass(each.ms)
        }
        pass(100)
        expect(vi.getTimerCount()).toBe(0)
      }),
    )
  })

  it('needs one timer for all', () => {
    const queue = new DeadlineQueue<Item>(() => undefined)
    for (let id = 0; id < 100; id++) queue.schedule(newItem(id), 1_000 - id)
    expect(vi.getTimerCount()).toBe(1)
    queue.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
