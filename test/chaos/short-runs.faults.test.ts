import { describe, expect, it } from 'vitest'
import { runChaos } from '../../chaos/chaos-run.ts'

describe('tasks that flow while workers, Postgres and Pub/Sub are killed', { timeout: 300_000 }, () => {
  it.each([1, 2, 3])('are neither lost nor done twice, nor paid for twice (seed %i)', async (seed) => {
    const happened: string[] = []
    const result = await runChaos({ seed, tasks: 24, say: (text) => happened.push(text) })
    expect(result.violations, `with seed ${seed}:\n${happened.join('\n')}`).toEqual([])
    expect(result).toMatchObject({ lost: 0, duplicateConcepts: 0, orphanObjects: 0, paidTwice: 0 })
  })
})
