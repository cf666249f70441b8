import type { Pool } from 'pg'
import { extendedHistory } from './attempt-history.ts'

/** The state that a task was in before; `missing` where there is none. It is cancelled if it was pending or processing. */
export type StateBefore = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled' | 'missing'

/**
 * Cancels a task that has not ended. The row's lock puts it in a line with claims and ends: whoever comes first is
 * obeyed, and a worker that holds the task writes nothing more, because its claim needs a row that is processing.
 */
export async function cancelTask(pool: Pool, taskId: string): Promise<StateBefore> {
  const { rows } = await pool.query<{ status: StateBefore }>(
    `WITH found AS MATERIALIZED (
       SELECT id, status FROM tasks WHERE id = $1 FOR NO KEY UPDATE),
     cancelled AS (
       UPDATE tasks SET
         status = 'cancelled', completed_at = now(), updated_at = now(),
         attempt_history = CASE WHEN tasks.status = 'processing'
           THEN ${extendedHistory({ outcome: `'cancelled'` })} ELSE tasks.attempt_history END
       FROM found WHERE tasks.id = found.id AND found.status IN ('pending', 'processing'))
     SELECT status FROM found`,
    [taskId],
  )
  return rows[0]?.status ?? 'missing'
}
