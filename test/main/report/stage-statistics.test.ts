import { describe, expect, it } from 'vitest'
import { percentile, stageStatistics } from '../../../src/main/report/stage-statistics.ts'
import { stage, task } from './made-up-tasks.ts'

const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('a percentile', () => {
  it.each([
    { of: [15, 20, 35, 40, 50], percent: 30, is: 20 },
    { of: [15, 20, 35, 40, 50], percent: 40, is: 20 },
    { of: [15, 20, 35, 40, 50], percent: 50, is: 35 },
    { of: [15, 20, 35, 40, 50], percent: 100, is: 50 },
    { of: [7], percent: 1, is: 7 },
    { of: [7], percent: 95, is: 7 },
    { of: oneTo(20), percent: 95, is: 19 },
    { of: oneTo(21), percent: 95, is: 20 },
    { of: oneTo(100), percent: 95, is: 95 },
    { of: oneTo(100), percent: 55, is: 55 },
  ])('of $percent % of $of.length values is the value at the nearest rank, $is', ({ of, percent, is }) => {
    expect(percentile(of, percent)).toBe(is)
  })
})

describe('the statistics of stages', () => {
  it('take p50 and p95 of wait and run together, and of each alone, over all tasks', () => {
    const tasks = oneTo(20).map((n) => task({ stages: [stage('generate_image', n, (21 - n) * 10, n * 100)] }))
    expect(stageStatistics(tasks)).toEqual([
      {
        name: 'generate_image',
        count: 20,
        p50Ms: 10 * 100 + 11 * 10,
        p95Ms: 19 * 100 + 2 * 10,
        waitP50Ms: 100,
        waitP95Ms: 190,
        runP50Ms: 1_000,
        runP95Ms: 1_900,
      },
    ])
  })

  it('stand in the order of a task, steps after their stage in the order in which they are taken', () => {
    const names = [
      stage('store_concept', 90, 0, 1),
      stage('create_variations', 60, 0, 1, { step: 'store', item: 0 }),
      stage('create_variations', 50, 0, 1, { step: 'recolour', item: 0 }),
      stage('create_variations', 50, 0, 1),
      stage('something_new', 0, 0, 1),
      stage('generate_palettes', 30, 0, 1),
      stage('store_image', 30, 0, 1),
      stage('prepare_image', 20, 0, 1),
      stage('refine_image', 10, 0, 1),
      stage('fetch_original', 0, 0, 1),
      stage('generate_image', 0, 0, 1),
    ]
    expect(stageStatistics([task({ stages: names })]).map(({ name }) => name)).toEqual([
      'generate_image',
      'fetch_original',
      'refine_image',
      'prepare_image',
      'store_image',
      'generate_palettes',
      'create_variations',
      'create_variations.recolour',
      'create_variations.store',
      'store_concept',
      'something_new',
    ])
  })

  it('count every item, every attempt and every outcome', () => {
    const stages = [
      stage('generate_image', 0, 0, 5, { outcome: 'failed', errorCode: 'timeout' }),
      stage('generate_image', 9, 0, 7, { attempt: 2 }),
      stage('create_variations', 20, 0, 3, { attempt: 2, step: 'recolour', item: 0 }),
      stage('create_variations', 20, 0, 3, { attempt: 2, step: 'recolour', item: 1 }),
    ]
    const counts = stageStatistics([task({ stages })]).map(({ name, count }) => [name, count])
    expect(counts).toEqual([
      ['generate_image', 2],
      ['create_variations.recolour', 2],
    ])
  })

  it('are rounded to tenths of a millisecond', () => {
    const [statistics] = stageStatistics([task({ stages: [stage('store_image', 0, 0.1, 0.2 + 1 / 3)] })])
    expect(statistics).toMatchObject({ p50Ms: 0.6, waitP50Ms: 0.1, runP50Ms: 0.5 })
  })

  it('are empty without tasks', () => {
    expect(stageStatistics([])).toEqual([])
  })

  it('leave out a stage that was taken over from an earlier attempt, but not what it did instead', () => {
    const stages = [
      stage('generate_image', 0, 0, 900),
      stage('generate_image', 1_000, 0, 4, { attempt: 2, outcome: 'resumed' }),
      stage('generate_image', 1_000, 0, 3, { attempt: 2, step: 'read' }),
    ]
    expect(stageStatistics([task({ stages })])).toMatchObject([
      { name: 'generate_image', count: 1, p50Ms: 900 },
      { name: 'generate_image.read', count: 1, p50Ms: 3 },
    ])
  })
})
