import type { StageTiming } from '../../processors/stage-clock.ts'

/** What a task has cost at the models, over all its attempts. */
export type TaskCost = {
  /** Calls that were made, whatever came of them. */
  readonly calls: number
  /** Time in these calls, without the wait before them. */
  readonly seconds: number
  /** Calls beyond the first of each stage. */
  readonly retries: number
}

/** What tells of a call; the stage as it stands in the table. */
type CallTiming = Pick<StageTiming, 'step' | 'runMs'> & { readonly stage: string }

/** The steps that call a model. */
const MODEL_STEPS = new Set(['generate_image.call', 'refine_image.call', 'generate_palettes.suggest'])

/** Of all timings of one task. A call whose turn never came ran for no time at all, and cost nothing. */
export function costOf(timings: readonly CallTiming[]): TaskCost {
  const calls = timings.filter(({ stage, step, runMs }) => MODEL_STEPS.has(`${stage}.${step}`) && runMs > 0)
  return {
    calls: calls.length,
    seconds: calls.reduce((sumMs, { runMs }) => sumMs + runMs, 0) / 1_000,
    retries: calls.length - new Set(calls.map(({ stage }) => stage)).size,
  }
}
