import type { StageTiming } from '../../processors/stage-clock.ts'
import { Columns } from '../database/columns.ts'

/** The timings of one attempt. */
export type AttemptTimings = {
  readonly taskId: string
  readonly attempt: number
  readonly timings: readonly StageTiming[]
}

type TimingRow = Omit<AttemptTimings, 'timings'> & { readonly timing: StageTiming }

const TIMINGS = new Columns<TimingRow>({
  task: ['uuid', ({ taskId }) => taskId],
  attempt: ['int', ({ attempt }) => attempt],
  stage: ['text', ({ timing }) => timing.stage],
  step: ['text', ({ timing }) => timing.step],
  item: ['int', ({ timing }) => timing.item],
  started: ['float8', ({ timing }) => timing.startedAt.getTime() / 1_000],
  wait: ['float8', ({ timing }) => timing.waitMs],
  run: ['float8', ({ timing }) => timing.runMs],
  outcome: ['text', ({ timing }) => timing.outcome],
  code: ['text', ({ timing }) => timing.errorCode],
})

/** Timings of many attempts as the parameters that {@link insertTimings} reads. */
export function timingParameters(attempts: readonly AttemptTimings[]): string[] {
  const rows: TimingRow[] = []
  for (const { taskId, attempt, timings } of attempts) {
    for (const timing of timings) rows.push({ taskId, attempt, timing })
  }
  return TIMINGS.values(rows)
}

/**
 * The part of a statement that stores timings, from the parameters that begin with the one of that number: of those tasks
 * only that are in `written`, a part before it.
 */
export const insertTimings = (firstParameter: number, written: string) =>
  `INSERT INTO stage_timings
     (task_id, attempt, stage, step, item, started_at, wait_ms, run_ms, outcome, error_code)
   SELECT task, attempt, stage, step, item, to_timestamp(started), wait, run, outcome, code
   FROM (${TIMINGS.select(firstParameter)}) AS timing
   WHERE task IN (SELECT task FROM ${written})`
