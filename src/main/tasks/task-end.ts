import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'

const POLL_MS = 200

/**
 * Resolves once the task is completed, failed or cancelled. It asks the database at intervals: the task may run
 * on any machine, and the row is all that is shared.
 */
export async function waitForEnd(pool: Pool, taskId: string, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ status: string }>('SELECT status FROM tasks WHERE id = $1', [taskId])
    const status = rows[0]?.status
    if (status === undefined || ['completed', 'failed', 'cancelled'].includes(status)) return
    await delay(POLL_MS, undefined, signal ? { signal } : {})
  }
}
