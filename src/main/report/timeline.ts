import type { StageView, TaskView } from '../concepts/task-view.ts'

/** Start times are stored in whole milliseconds, so neighbours may seem to overlap by less than one. */
const TOLERANCE_MS = 1

/** A stretch of time, in milliseconds since the epoch. */
export type Span = { readonly fromMs: number; readonly toMs: number }

/** One stage, or one step of a stage, as a bar. Where it is not running it waits. */
export type Bar = Span & {
  readonly timing: StageView
  readonly running: readonly Span[]
  /** The steps of which there is only one in the stage. */
  readonly steps: readonly StageView[]
}

/** The bars of one task. Bars of one lane do not overlap. */
export type Band = {
  readonly stageLanes: readonly (readonly Bar[])[]
  /** The steps that are taken for each of several alike; one lane for each item. */
  readonly itemLanes: readonly (readonly Bar[])[]
}

/** Lays out the stages of one task; stages that run at the same time come into different lanes. */
export function bandOf(task: TaskView): Band {
  const steps = task.stages.filter(({ step }) => step !== null)
  const stages = task.stages.filter(({ step }) => step === null)
  const itemNumbers = new Set(steps.flatMap(({ item }) => (item === null ? [] : [item])))
  return {
    stageLanes: lanesOf(stages.map((stage) => stageBar(stage, steps))),
    itemLanes: [...itemNumbers]
      .toSorted((a, b) => a - b)
      .map((number) => steps.filter(({ item }) => item === number).map((step) => stepBar(step))),
  }
}

/** From the start of the first stage to the end of the last; null where there is none. */
export function spanOf(tasks: readonly TaskView[]): Span | null {
  const spans = tasks.flatMap(({ stages }) => stages.map((timing) => spanOfTiming(timing)))
  if (spans.length === 0) return null
  return {
    fromMs: spans.reduce((first, { fromMs }) => Math.min(first, fromMs), Infinity),
    toMs: spans.reduce((last, { toMs }) => Math.max(last, toMs), -Infinity),
  }
}

function spanOfTiming({ startedAt, waitMs, runMs }: StageView): Span {
  const fromMs = startedAt.getTime()
  return { fromMs, toMs: fromMs + waitMs + runMs }
}

/** A stage that has steps ran while any of them ran. */
function stageBar(timing: StageView, steps: readonly StageView[]): Bar {
  const span = spanOfTiming(timing)
  const own = steps.filter((step) => {
    if (step.stage !== timing.stage || step.attempt !== timing.attempt) return false
    const startMs = step.startedAt.getTime()
    return startMs >= span.fromMs - TOLERANCE_MS && startMs <= span.toMs + TOLERANCE_MS
  })
  const running =
    own.length === 0
      ? [runOf(timing)]
      : union(
          own
            .map((step) => runOf(step))
            .map(({ fromMs, toMs }) => ({
              fromMs: Math.max(fromMs, span.fromMs),
              toMs: Math.min(toMs, span.toMs),
            })),
        )
  return { ...span, timing, running, steps: own.filter(({ item }) => item === null) }
}

function stepBar(timing: StageView): Bar {
  return { ...spanOfTiming(timing), timing, running: [runOf(timing)], steps: [] }
}

/** What has no parts of its own waits first and then runs. */
function runOf(timing: StageView): Span {
  const { fromMs, toMs } = spanOfTiming(timing)
  return { fromMs: fromMs + timing.waitMs, toMs }
}

function lanesOf(bars: readonly Bar[]): Bar[][] {
  const lanes: Bar[][] = []
  for (const bar of bars.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const free = lanes.find((lane) => lane.at(-1)!.toMs <= bar.fromMs + TOLERANCE_MS)
    if (free) free.push(bar)
    else lanes.push([bar])
  }
  return lanes
}

function union(spans: readonly Span[]): Span[] {
  const joined: Span[] = []
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1)
    if (last && span.fromMs <= last.toMs) {
      joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) }
    } else joined.push(span)
  }
  return joined
}
