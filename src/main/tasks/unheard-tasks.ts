import type { Pool } from 'pg'

/**
 * Whether a task has been due for at least `forMs` milliseconds and no worker has ever claimed it: its message has come
 * to nobody. Costs one look into an index, however many tasks wait.
 */
export async function hasUnheardTask(pool: Pool, forMs: number): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>({
    name: 'unheard-task',
    text: `SELECT EXISTS (
             SELECT FROM tasks WHERE status = 'pending' AND request IS NULL
               AND run_at < now() - $1 * interval '1 millisecond') AS found`,
    values: [forMs],
  })
  return rows[0]?.found ?? false
}
