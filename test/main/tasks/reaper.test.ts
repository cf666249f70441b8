import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { Reaper } from '../../../src/main/tasks/reaper.ts'
import type { TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let pool: Pool

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
})

afterAll(() => pool.end())

/** A task that was claimed once, in the state that the SQL assignments put it in. */
async function startedTask(assignments: string): Promise<TaskReference> {
  const reference = await insertTask(pool)
  const request = JSON.stringify({ task_type: reference.taskType, ...reference.fields })
  await pool.query(`UPDATE tasks SET request = $2, ${assignments} WHERE id = $1`, [reference.taskId, request])
  return reference
}

describe('the reaper', () => {
  it('finds tasks whose retry is due and tasks whose worker died, and no others', async () => {
    const due = await startedTask(`run_at = now() - interval '1 second'`)
    const orphan = await startedTask(`status = 'processing', lease_expires_at = now() - interval '1 second'`)
    await startedTask(`run_at = now() + interval '1 hour'`)
    await startedTask(`status = 'processing', lease_expires_at = now() + interval '1 hour'`)
    await startedTask(`status = 'completed'`)
    await startedTask(`status = 'cancelled'`)
    await insertTask(pool)

    const found: TaskReference[] = []
    const bothFound = new Promise<void>((resolve) => {
      const reaper = new Reaper(
        pool,
        () => 10,
        (reference) => {
          found.push(reference)
          if (found.length === 2) void reaper.stop().then(resolve)
        },
        recordedLog().log,
      )
      reaper.start()
      reaper.start()
    })
    await bothFound
    expect(found).toEqual(expect.arrayContaining([due, orphan]))
    expect(found).toHaveLength(2)
  })
})
