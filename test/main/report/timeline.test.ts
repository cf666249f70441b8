import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bandOf, spanOf, type Bar } from '../../../src/main/report/timeline.ts'
import { stage, START_MS, task } from './made-up-tasks.ts'

const namesOf = (lanes: readonly (readonly Bar[])[]) =>
  lanes.map((lane) => lane.map(({ timing }) => timing.step ?? timing.stage))
const runningOf = ({ running }: Bar) =>
  running.map(({ fromMs, toMs }) => [fromMs - START_MS, toMs - START_MS])

describe('the band of a task', () => {
  it('puts stages that run at the same time into different lanes, and those in a row into one', () => {
    const stages = [
      stage('generate_image', 0, 0, 100),
      stage('prepare_image', 100, 10, 40),
      stage('store_image', 150, 0, 30),
      stage('generate_palettes', 150, 0, 200),
      stage('create_variations', 350, 0, 100),
    ]
    expect(namesOf(bandOf(task({ stages })).stageLanes)).toEqual([
      ['generate_image', 'prepare_image', 'store_image', 'create_variations'],
      ['generate_palettes'],
    ])
  })

  it('does not take the rounding of start times for an overlap', () => {
    // From 0.1 to 100.8 and from 100.8 on: the starts are stored as 0 and 100, the first ends at 100.7.
    const stages = [stage('generate_image', 0, 0, 100.7), stage('prepare_image', 100, 0, 5)]
    expect(bandOf(task({ stages })).stageLanes).toHaveLength(1)
  })

  it('gives each variation a thin lane of its own', () => {
    const step = (name: string, item: number, atMs: number, waitMs: number) =>
      stage('create_variations', atMs, waitMs, 10, { step: name, item })
    const stages = [
      stage('create_variations', 0, 0, 40),
      step('recolour', 1, 0, 10),
      step('recolour', 0, 0, 0),
      step('store', 0, 10, 0),
      step('store', 1, 20, 0),
    ]
    const { stageLanes, itemLanes } = bandOf(task({ stages }))
    expect(namesOf(stageLanes)).toEqual([['create_variations']])
    expect(namesOf(itemLanes)).toEqual([
      ['recolour', 'store'],
      ['recolour', 'store'],
    ])
    expect(itemLanes.map(([recolour]) => runningOf(recolour!))).toEqual([[[0, 10]], [[10, 20]]])
  })

  it('shows a stage with steps as running while any of them runs, and as waiting in between', () => {
    const stages = [
      stage('generate_palettes', 0, 30, 70),
      stage('generate_palettes', 0, 20, 20, { step: 'analyse' }),
      stage('generate_palettes', 50, 0, 50, { step: 'suggest' }),
    ]
    const [bar] = bandOf(task({ stages })).stageLanes.flat()
    expect(runningOf(bar!)).toEqual([
      [20, 40],
      [50, 100],
    ])
    expect(bar!.steps.map(({ step }) => step)).toEqual(['analyse', 'suggest'])
  })

  it('lets a stage without steps wait first', () => {
    const [bar] = bandOf(task({ stages: [stage('store_image', 0, 15, 5)] })).stageLanes.flat()
    expect(runningOf(bar!)).toEqual([[15, 20]])
  })

  it('gives a stage the steps of its own attempt, even where another worker took the task over meanwhile', () => {
    const stages = [
      stage('prepare_image', 0, 0, 100, { outcome: 'failed', errorCode: 'timeout' }),
      stage('prepare_image', 0, 0, 100, { step: 'decode', outcome: 'failed', errorCode: 'timeout' }),
      stage('prepare_image', 50, 70, 10, { attempt: 2 }),
      stage('prepare_image', 50, 70, 10, { attempt: 2, step: 'decode' }),
    ]
    const bars = bandOf(task({ stages })).stageLanes.flat()
    expect(bars.map((bar) => runningOf(bar))).toEqual([[[0, 100]], [[120, 130]]])
  })

  it('gives a stage the steps of its own time, where an attempt was given back and began anew', () => {
    const stages = [
      stage('prepare_image', 0, 0, 10, { outcome: 'aborted' }),
      stage('prepare_image', 0, 0, 10, { step: 'decode', outcome: 'aborted' }),
      stage('prepare_image', 500, 5, 10),
      stage('prepare_image', 500, 5, 10, { step: 'decode' }),
    ]
    const bars = bandOf(task({ stages })).stageLanes.flat()
    expect(bars.map(({ steps }) => steps.length)).toEqual([1, 1])
    expect(bars.map((bar) => runningOf(bar))).toEqual([[[0, 10]], [[505, 515]]])
  })

  it('never lets two bars of a lane overlap, and leaves none out', () => {
    const stages = fc.array(
      fc
        .record({ atMs: fc.nat(1_000), waitMs: fc.nat(200), runMs: fc.nat(200) })
        .map(({ atMs, waitMs, runMs }) => stage('prepare_image', atMs, waitMs, runMs)),
    )
    fc.assert(
      fc.property(stages, (measured) => {
        const { stageLanes } = bandOf(task({ stages: measured }))
        expect(stageLanes.flat().map(({ timing }) => timing)).toHaveLength(measured.length)
        for (const lane of stageLanes) {
          for (const [index, bar] of lane.slice(1).entries()) {
            expect(bar.fromMs).toBeGreaterThanOrEqual(lane[index]!.toMs - 1)
          }
        }
      }),
    )
  })
})

describe('the common axis', () => {
  it('goes from the first start to the last end of all tasks', () => {
    const tasks = [
      task({ stages: [stage('generate_image', 40, 10, 100), stage('store_image', 160, 0, 5)] }),
      task({ stages: [stage('generate_image', 20, 0, 60)] }),
      task({ stages: [] }),
    ]
    expect(spanOf(tasks)).toEqual({ fromMs: START_MS + 20, toMs: START_MS + 165 })
  })

  it('is missing where nothing was measured', () => {
    expect(spanOf([task({ stages: [] })])).toBeNull()
  })
})
