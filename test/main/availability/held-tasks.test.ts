import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CircuitBreaker } from '../../../src/main/availability/circuit-breaker.ts'
import { Dependencies, heldBack } from '../../../src/main/availability/held-tasks.ts'
import type { Outcome } from '../../../src/processors/outcome.ts'
import { GENERATION } from '../../../src/processors/task.ts'

const OPTIONS = { threshold: 1, firstOpenMs: 1_000, maxOpenMs: 9_000, maxRetryAfterMs: 0 }
const { signal: patient } = new AbortController()
const reference = (taskId: string) => ({ taskId, userId: 'u', taskType: GENERATION, fields: {} })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Something that tasks need, down since now. */
async function fallen(options: Partial<typeof OPTIONS> = {}) {
  const breaker = new CircuitBreaker({ ...OPTIONS, ...options }, () => undefined)
  ;(await breaker.enter(patient))({ kind: 'failed' })
  return breaker
}

/** Tasks that are held back for these breakers, each of which ends when the test says so. */
function held(breakers: readonly CircuitBreaker[]) {
  const ends: ((outcome: Outcome) => void)[] = []
  const ran: string[] = []
  const needed = new Dependencies(breakers.map((breaker) => ({ breakersFor: () => [breaker] })))
  const run = heldBack(
    ({ taskId }) => {
      ran.push(taskId)
      return new Promise((resolve) => ends.push(resolve))
    },
    needed,
    patient,
  )
  return { ran, ends, run: (taskId: string) => run(reference(taskId)) }
}

const turn = () => vi.advanceTimersByTimeAsync(0)

describe('tasks that were held back for a model that is down', () => {
  it('are not all begun to find out whether it answers again: one is, and the others once it has', async () => {
    const breaker = await fallen()
    const { ran, ends, run } = held([breaker])
    const outcomes = ['1', '2', '3'].map(run)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ran).toEqual(['1'])
    ends[0]!({ kind: 'skipped', reason: 'ended' })
    await outcomes[0]
    await turn()
    expect(ran).toEqual(['1', '2'])
    ;(await breaker.enter(patient))({ kind: 'answered' })
    await turn()
    expect(ran).toEqual(['1', '2', '3'])
  })

  it('do not try one thing that they need while they wait for another', async () => {
    const [tried, down] = [await fallen(), await fallen({ firstOpenMs: 9_000 })]
    const both = held([tried, down])
    void both.run('both')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(both.ran).toEqual([])
    const one = held([tried])
    void one.run('one')
    await turn()
    expect(one.ran).toEqual(['one'])
  })
})
