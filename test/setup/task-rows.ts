import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { PastAttempt } from '../../src/main/tasks/attempt-history.ts'
import { GENERATION, type TaskReference } from '../../src/processors/task.ts'

/** Inserts a task as the product's API does, and answers the reference that its message would hold. */
export async function insertTask(
  pool: Pool,
  overrides: Partial<TaskReference> & { rowType?: string } = {},
): Promise<TaskReference> {
  const reference = {
    taskId: overrides.taskId ?? randomUUID(),
    userId: overrides.userId ?? 'user-1',
    taskType: overrides.taskType ?? GENERATION,
    fields: overrides.fields ?? { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 2 },
  }
  await pool.query('INSERT INTO tasks (id, user_id, type, metadata) VALUES ($1, $2, $3, $4)', [
    reference.taskId,
    reference.userId,
    overrides.rowType ?? reference.taskType,
    JSON.stringify({}),
  ])
  return reference
}

export type TaskRow = {
  status: string
  attempt: number
  claim_epoch: string
  claimed_by: string | null
  result_id: string | null
  error_code: string | null
  error_message: string | null
  request: object | null
  attempt_history: readonly PastAttempt[]
  due_in_ms: number
}

export async function taskRow(pool: Pool, taskId: string): Promise<TaskRow> {
  const { rows } = await pool.query<TaskRow>(
    `SELECT status, attempt, claim_epoch, claimed_by, result_id, error_code, error_message, request,
            attempt_history,
            (extract(epoch FROM run_at - now()) * 1000)::float8 AS due_in_ms
     FROM tasks WHERE id = $1`,
    [taskId],
  )
  const row = rows[0]
  if (!row) throw new Error(`there is no task ${taskId}`)
  return row
}
