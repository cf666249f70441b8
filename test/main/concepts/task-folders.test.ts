import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pool } from 'pg'
import { TaskFolders } from '../../../src/main/concepts/task-folders.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import type { ClaimedTask } from '../../../src/processors/task.ts'
import { createTestDatabase } from '../../setup/test-database.ts'
import { insertTask } from '../../setup/task-rows.ts'

let pool: Pool
let folders: TaskFolders

beforeAll(async () => {
  pool = createDatabasePool((await createTestDatabase()).url, () => undefined)
  folders = new TaskFolders(pool, 5_000)
})

afterAll(() => pool.end())

async function claimedTask(): Promise<ClaimedTask> {
  const { taskId: id, userId, taskType: type } = await insertTask(pool)
  const { signal } = new AbortController()
  return {
    id,
    userId,
    type,
    epoch: '1',
    attempt: 1,
    attemptsBefore: 0,
    maxAttempts: 5,
    earlierFailures: [],
    lost: signal,
  }
}

const entries = async () => (await pool.query('SELECT FROM task_folders')).rowCount

describe('the folders of tasks that begin together', () => {
  it('have an entry each; one that was opened before is counted on', async () => {
    const tasks = await Promise.all(Array.from({ length: 20 }, claimedTask))
    await folders.open(tasks[7]!)
    const opened = await Promise.all(tasks.map((task) => folders.open(task)))
    expect(opened).toEqual(tasks.map((_, i) => (i === 7 ? '2' : '1')))
    expect(await entries()).toBe(20)
    await folders.reopen(tasks[3]!)
    await Promise.all(tasks.map((task, i) => folders.close(task, opened[i]!)))
    // Somebody may have stored something for it since it was opened.
    expect(await entries()).toBe(1)
  })
})
