import { describe, expect, it } from 'vitest'
import { runChaos } from '../../chaos/chaos-run.ts'

describe('tasks that flow while workers, Postgres and Pub/Sub are killed', { timeout: 300_000 }, () => {
  it.each([1, 2, 3])('are neither lost nor done twice, nor paid for twice (seed %i)', async (seed) => {
    const { violations, ...counts } = await runChaos({ seed, tasks: 24, say: () => undefined })
    expect(violations).toEqual([])
    expect(counts).toMatchObject({ lost: 0, duplicateConcepts: 0, orphanObjects: 0, paidTwice: 0 })
  })
})
