import type { Pool } from 'pg'
import { extendedHistory } from './attempt-history.ts'
import { HAS_REQUEST, requestOfMetadata, STORED_FIELDS } from './stored-request.ts'
import type { TaskStatus } from './task-list.ts'

/**
 * `missing`: there is no such task. `busy`: it could be reopened, but is locked: its folder is being tidied up, or somebody else
 * reopens it. `unasked`: nothing is left of what was asked for. A state is the one that it is in, and stays in.
 */
export type Reopening = 'reopened' | 'missing' | 'busy' | 'unasked' | Exclude<TaskStatus, 'failed'>

type Row = { status: TaskStatus; locked: TaskStatus | null; is_reopened: boolean }

/**
 * Sets a task back to pending that failed, or was cancelled if that is to count as well. It is due now and has all its
 * attempts: any worker's search for due tasks finds it, without a message. The numbers of its attempts go on, because they
 * stand in the keys of model calls, and `attempts_before` says after which one they count. Checkpoints stay, and with them what
 * was paid for. The epoch is raised, so that a worker which has not yet seen that the task was cancelled has lost it.
 *
 * The lock looks at the row as it is then, and a task that is completed fits no more. A task that is locked is not waited
 * for: a folder may be tidied up for as long as its store takes.
 */
export async function reopenTask(pool: Pool, taskId: string, evenCancelled: boolean): Promise<Reopening> {
  const { rows } = await pool.query<Row>(REOPEN, [taskId, evenCancelled, STORED_FIELDS])
  const row = rows[0]
  if (!row) return 'missing'
  if (row.is_reopened) return 'reopened'
  const status = row.locked ?? row.status
  if (status === 'failed' || (status === 'cancelled' && evenCancelled)) {
    return row.locked === null ? 'busy' : 'unasked'
  }
  return status
}

const REOPEN = `
  WITH found AS MATERIALIZED (
    SELECT id, status, request IS NOT NULL OR ${HAS_REQUEST} IS TRUE AS can_run
    FROM tasks WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED),
  reopened AS (
    UPDATE tasks SET
      status = 'pending', run_at = now(), updated_at = now(), completed_at = NULL, error_code = NULL,
      error_message = NULL, claimed_by = NULL, lease_expires_at = NULL,
      attempts_before = tasks.attempt, claim_epoch = tasks.claim_epoch + 1, request = coalesce(tasks.request, ${requestOfMetadata('$3')}),
      attempt_history = ${extendedHistory({ outcome: `'reopened'`, worker: 'NULL', startedAt: 'NULL' })}
    FROM found
    WHERE tasks.id = found.id AND found.can_run AND (found.status = 'failed' OR found.status = 'cancelled' AND $2)
    RETURNING tasks.id)
  SELECT tasks.status, found.status AS locked, EXISTS (SELECT FROM reopened) AS is_reopened
  FROM tasks LEFT JOIN found ON found.id = tasks.id WHERE tasks.id = $1`
