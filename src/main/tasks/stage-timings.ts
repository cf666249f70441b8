import type { Pool, PoolClient } from 'pg'
import type { StageTiming } from '../../processors/stage-clock.ts'

/** Adds an attempt's timings in one statement, on the caller's connection and in its transaction. */
export async function insertStageTimings(
  connection: Pool | PoolClient,
  taskId: string,
  attempt: number,
  timings: readonly StageTiming[],
): Promise<void> {
  if (timings.length === 0) return
  await connection.query({
    name: 'insert-stage-timings',
    text: `INSERT INTO stage_timings
             (task_id, attempt, stage, step, item, started_at, wait_ms, run_ms, outcome, error_code)
           SELECT $1, $2, * FROM unnest(
             $3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::float8[], $8::float8[], $9::text[],
             $10::text[])`,
    values: [
      taskId,
      attempt,
      timings.map((timing) => timing.stage),
      timings.map((timing) => timing.step),
      timings.map((timing) => timing.item),
      timings.map((timing) => timing.startedAt),
      timings.map((timing) => timing.waitMs),
      timings.map((timing) => timing.runMs),
      timings.map((timing) => timing.outcome),
      timings.map((timing) => timing.errorCode),
    ],
  })
}
