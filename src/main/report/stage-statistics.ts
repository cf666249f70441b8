import type { StageView, TaskView } from '../concepts/task-view.ts'
import { placeOfStage } from './stage-order.ts'

/**
 * How long one stage, or one step of a stage, took. All times are in milliseconds, rounded to tenths. Wait and
 * run have percentiles of their own, which need not add up to those of the total.
 */
export type StageStatistics = {
  /** `generate_image` for a stage, `create_variations.recolour` for a step of one. */
  readonly name: string
  /**
   * How often it was measured, over all tasks and attempts, whatever its outcome. A stage that was taken over from an
   * earlier attempt is left out: it did not do what the others did. Its steps count.
   */
  readonly count: number
  /** Of wait and run together. */
  readonly p50Ms: number
  readonly p95Ms: number
  readonly waitP50Ms: number
  readonly waitP95Ms: number
  readonly runP50Ms: number
  readonly runP95Ms: number
}

type Part = {
  readonly stage: string
  readonly step: string | null
  readonly timings: StageView[]
}

/** Summarises the timings of tasks, in the order of a task's way; the steps of a stage follow it. */
export function stageStatistics(tasks: readonly TaskView[]): StageStatistics[] {
  const parts = new Map<string, Part>()
  for (const timing of tasks.flatMap(({ stages }) => stages)) {
    const { stage, step, outcome } = timing
    if (step === null && outcome === 'resumed') continue
    const name = step === null ? stage : `${stage}.${step}`
    const part = parts.get(name)
    if (part) part.timings.push(timing)
    else parts.set(name, { stage, step, timings: [timing] })
  }
  return [...parts]
    .toSorted(([, a], [, b]) => compareParts(a, b))
    .map(([name, part]) => summarise(name, part))
}

function summarise(name: string, { timings }: Part): StageStatistics {
  const totals = ascending(timings.map(({ waitMs, runMs }) => waitMs + runMs))
  const waits = ascending(timings.map(({ waitMs }) => waitMs))
  const runs = ascending(timings.map(({ runMs }) => runMs))
  return {
    name,
    count: timings.length,
    p50Ms: tenths(percentile(totals, 50)),
    p95Ms: tenths(percentile(totals, 95)),
    waitP50Ms: tenths(percentile(waits, 50)),
    waitP95Ms: tenths(percentile(waits, 95)),
    runP50Ms: tenths(percentile(runs, 50)),
    runP95Ms: tenths(percentile(runs, 95)),
  }
}

/** Steps stand in the order in which a stage first takes them. */
function compareParts(a: Part, b: Part): number {
  const byPlace = placeOfStage(a.stage) - placeOfStage(b.stage)
  if (byPlace !== 0) return byPlace
  if (a.stage !== b.stage) return a.stage < b.stage ? -1 : 1
  if (a.step === null || b.step === null) return a.step === null ? -1 : 1
  return firstStartMs(a) - firstStartMs(b)
}

function firstStartMs({ timings }: Part): number {
  return timings.reduce((first, { startedAt }) => Math.min(first, startedAt.getTime()), Infinity)
}

/**
 * The nearest-rank percentile: the smallest value that at least `percent` of the values do not exceed.
 * `values` ascend and are not empty; `percent` is a whole number from 1 to 100.
 */
export function percentile(values: readonly number[], percent: number): number {
  // Whole numbers up to the division, so that no rounding error can raise the rank.
  const rank = Math.ceil((percent * values.length) / 100)
  return values[rank - 1]!
}

const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b)
const tenths = (ms: number) => Math.round(ms * 10) / 10
