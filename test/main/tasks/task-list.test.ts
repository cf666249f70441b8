import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool, DATABASE_TIMEOUTS } from '../../../src/main/database/pool.ts'
import { findTasks, MAX_LOOKED_AT, TASK_STATUSES } from '../../../src/main/tasks/task-list.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const OLDER = 10
const ANY = { errorCode: null, type: null, changedWithinMs: null, limit: 5 } as const

let pool: Pool

/** More failed tasks than a search looks at, of which the oldest have another error. */
beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined, DATABASE_TIMEOUTS, { max: 1, min: 1 })
  await pool.query(
    `INSERT INTO tasks (id, user_id, type, status, error_code, updated_at)
     SELECT gen_random_uuid(), 'u', 'concept_generation', 'failed',
            CASE WHEN i > $1::int THEN 'quota' ELSE 'auth' END, now() - i * interval '1 second'
     FROM generate_series(1, $1::int + $2::int) AS i`,
    [MAX_LOOKED_AT, OLDER],
  )
})

afterAll(() => pool.end())

describe('a search among very many tasks', () => {
  it('looks at the last of them, and says that there are more', async () => {
    const { tasks, isCut } = await findTasks(pool, { ...ANY, statuses: TASK_STATUSES, errorCode: 'quota' })
    expect({ tasks, isCut }).toEqual({ tasks: [], isCut: true })
    const last = await findTasks(pool, { ...ANY, statuses: ['failed'] })
    expect(last.tasks.map(({ errorCode }) => errorCode)).toEqual(Array(5).fill('auth'))
  })

  it('says that it has looked at all where it has', async () => {
    expect(await findTasks(pool, { ...ANY, statuses: ['pending', 'cancelled', 'completed'] })).toEqual({
      tasks: [],
      isCut: false,
    })
  })

  it('reads no table through, and no more of an index than it says', async () => {
    // Postgres tells what a connection has read once that connection is asked to report it.
    const read = async () => {
      await pool.query('SELECT pg_stat_force_next_flush()')
      const { rows } = await pool.query<{ through: number; rows: number }>(
        `SELECT sum(seq_scan)::int AS through, sum(idx_tup_fetch)::int AS rows FROM pg_stat_user_tables
         WHERE relname IN ('tasks', 'stage_timings')`,
      )
      return rows[0]!
    }
    const before = await read()
    await findTasks(pool, { ...ANY, statuses: TASK_STATUSES })
    const after = await read()
    expect(after.through).toBe(before.through)
    expect(after.rows - before.rows).toBe(MAX_LOOKED_AT)
  })
})
