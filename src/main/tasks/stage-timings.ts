import type { StageTiming } from '../../processors/stage-clock.ts'

/** The timings of one attempt; `place` is that of its task in the statement. */
export type AttemptTimings = {
  readonly place: number
  readonly taskId: string
  readonly attempt: number
  readonly timings: readonly StageTiming[]
}

/** Timings of many attempts as the JSON that {@link insertTimings} reads. */
export function timingsJson(attempts: readonly AttemptTimings[]): string {
  const rows: object[] = []
  for (const { place, taskId: task, attempt, timings } of attempts) {
    for (const { stage, step, item, startedAt, waitMs, runMs, outcome, errorCode } of timings) {
      const times = { startedAt, waitMs, runMs }
      rows.push({ place, task, attempt, stage, step, item, ...times, outcome, errorCode })
    }
  }
  return JSON.stringify(rows)
}

/**
 * The part of a statement that stores timings: of those attempts in the JSON of `parameter` only whose place is in
 * `written`, a part before it.
 */
export const insertTimings = (parameter: string, written: string) =>
  `INSERT INTO stage_timings
     (task_id, attempt, stage, step, item, started_at, wait_ms, run_ms, outcome, error_code)
   SELECT task, attempt, stage, step, item, "startedAt", "waitMs", "runMs", outcome, "errorCode"
   FROM json_to_recordset(${parameter}::json) AS timing (
     place int, task uuid, attempt int, stage text, step text, item int, "startedAt" timestamptz, "waitMs" float8,
     "runMs" float8, outcome text, "errorCode" text)
   WHERE place IN (SELECT place FROM ${written})`
