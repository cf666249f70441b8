import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stageStatistics, type StageStatistics } from '../../../src/main/report/stage-statistics.ts'
import { renderStageTable } from '../../../src/main/report/stage-table.ts'
import { stage, task } from './made-up-tasks.ts'

describe('the table of stages', () => {
  it('is aligned, with the unit in its header and the steps beneath their stage', () => {
    const stages = [
      stage('generate_image', 0, 0, 641.84),
      stage('create_variations', 700, 96, 1_330.4),
      stage('create_variations', 700, 96, 99, { step: 'recolour', item: 0 }),
      stage('create_variations', 700, 200, 101, { step: 'recolour', item: 1 }),
    ]
    expect(renderStageTable(stageStatistics([task({ stages })]))).toBe(
      [
        'times in ms        count     p50     p95  waited p50  ran p50',
        '─────────────────────────────────────────────────────────────',
        'generate_image         1   641.8   641.8         0.0    641.8',
        'create_variations      1  1426.4  1426.4        96.0   1330.4',
        '  recolour             2   195.0   301.0        96.0     99.0',
        '',
      ].join('\n'),
    )
  })

  it('says beneath that the stage which stores the times does not have all of its own', () => {
    const table = (name: string) =>
      renderStageTable(stageStatistics([task({ stages: [stage(name, 0, 0, 1)] })]))
    expect(table('store_concept').trimEnd().split('\n').slice(3)).toEqual([
      'store_concept counts up to its transaction, which stores these times.',
    ])
    expect(table('store_image').trimEnd().split('\n').slice(3)).toEqual([])
  })

  it('names a step in full where its stage is missing', () => {
    const stages = [stage('generate_palettes', 0, 0, 1, { step: 'suggest' })]
    expect(renderStageTable(stageStatistics([task({ stages })]))).toContain('\ngenerate_palettes.suggest ')
  })

  it('never has more than 80 columns, and all lines have the same width', () => {
    const ms = fc.double({ min: 0, max: 1e9, noNaN: true })
    const statistics = fc.record<StageStatistics>({
      name: fc.stringMatching(/^[a-z_.]{1,100}$/),
      count: fc.nat(),
      p50Ms: ms,
      p95Ms: ms,
      waitP50Ms: ms,
      waitP95Ms: ms,
      runP50Ms: ms,
      runP95Ms: ms,
    })
    fc.assert(
      fc.property(fc.array(statistics, { minLength: 1, maxLength: 12 }), (rows) => {
        const lines = renderStageTable(rows).trimEnd().split('\n')
        const widths = new Set(lines.map((line) => line.length))
        expect(lines).toHaveLength(rows.length + 2)
        expect(widths.size).toBe(1)
        expect(Math.max(...widths)).toBeLessThanOrEqual(80)
      }),
    )
  })

  it('is empty without statistics', () => {
    expect(renderStageTable([])).toBe('')
  })
})
