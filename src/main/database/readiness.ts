import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { BoundedQuery } from './pool.ts'

const ANSWER_MS = 2_000

/** Whether Postgres answers; a wait for a free connection counts as well. */
export async function isPostgresReady(pool: Pool): Promise<boolean> {
  const query: BoundedQuery = { text: 'SELECT 1', query_timeout: ANSWER_MS }
  const answered = pool.query(query).then(
    () => true,
    () => false,
  )
  return Promise.race([answered, delay(ANSWER_MS, false, { ref: false })])
}
