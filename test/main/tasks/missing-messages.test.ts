import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { MissingMessages } from '../../../src/main/tasks/missing-messages.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let pool: Pool

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
})

afterAll(() => pool.end())

async function waitingTask(metadata: object, age: string): Promise<string> {
  const { taskId } = await insertTask(pool)
  await pool.query('UPDATE tasks SET metadata = $2, run_at = now() - $3::interval WHERE id = $1', [
    taskId,
    JSON.stringify(metadata),
    age,
  ])
  return taskId
}

describe('tasks whose message does not come', () => {
  it('are told of while they wait, with the oldest of them, where they cannot be run without it', async () => {
    await waitingTask({}, '20 minutes')
    const oldest = await waitingTask({ source: 'web' }, '30 minutes')
    await waitingTask({}, '1 second')
    await waitingTask({ logo_description: 'a fox', theme_description: 'autumn' }, '1 hour')
    const { log, lines } = recordedLog()
    const watch = new MissingMessages(pool, { periodMs: 20, graceMs: 600_000 }, log)
    watch.start()
    watch.start()
    await expect.poll(() => lines.length).toBeGreaterThan(1)
    await watch.stop()
    expect(lines[0]).toMatchObject({
      level: 'warn',
      message: 'tasks wait for a message: publish it again, or cancel them',
      fields: { tasks: 2, oldest },
    })
  })
})
