import { once } from 'node:events'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FolderSweeper } from '../../../src/main/concepts/folder-sweeper.ts'
import { TaskFolders } from '../../../src/main/concepts/task-folders.ts'
import { createDatabasePool, DATABASE_TIMEOUTS } from '../../../src/main/database/pool.ts'
import { reopenTask } from '../../../src/main/tasks/reopening.ts'
import { taskFolder } from '../../../src/processors/object-paths.ts'
import type { ClaimedTask } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let databaseUrl: string
let pool: Pool
let folders: TaskFolders

beforeAll(async () => {
  databaseUrl = (await createTestDatabase()).url
  pool = createDatabasePool(databaseUrl, () => undefined)
  folders = new TaskFolders(pool, 5_000)
})

afterAll(() => pool.end())

/** A task with a folder, in this state. */
async function taskThat(status: string): Promise<ClaimedTask> {
  const { taskId: id, userId, taskType: type } = await insertTask(pool)
  await pool.query('UPDATE tasks SET status = $2 WHERE id = $1', [id, status])
  const task = {
    id,
    userId,
    type,
    epoch: '1',
    attempt: 1,
    attemptsBefore: 0,
    maxAttempts: 5,
    earlierFailures: [],
    lost: new AbortController().signal,
  }
  await folders.open(task)
  return task
}

const folderOf = ({ userId, id }: ClaimedTask) => taskFolder(userId, id)

const isListed = async ({ id }: ClaimedTask) =>
  (await pool.query('SELECT 1 FROM task_folders WHERE task_id = $1', [id])).rowCount === 1

describe('the folders of ended tasks', () => {
  it('are tidied up, those of other tasks are left alone', async () => {
    const tasks = await Promise.all(['failed', 'cancelled', 'pending', 'processing'].map(taskThat))
    const tidied: string[] = []
    const store = { keepOnly: (folder: string) => Promise.resolve(void tidied.push(folder)) }
    await new FolderSweeper(folders, store, 0, recordedLog().log).sweepOnce()
    expect(tidied.toSorted()).toEqual(tasks.slice(0, 2).map(folderOf).toSorted())
    expect(await Promise.all(tasks.map(isListed))).toEqual([false, false, true, true])
  })

  it('are left alone as long as a worker could still store something', async () => {
    const task = await taskThat('failed')
    const store = { keepOnly: () => Promise.reject(new Error('must not be called')) }
    const { log, lines } = recordedLog()
    await new FolderSweeper(folders, store, 60_000, log).sweepOnce()
    expect(lines).toEqual([])
    expect(await isListed(task)).toBe(true)
    await pool.query('DELETE FROM task_folders')
  })

  /** Tasks that ended so long ago that their folders are to be tidied up, once in a sweep. */
  async function endedTasks(count: number): Promise<ClaimedTask[]> {
    const tasks: ClaimedTask[] = []
    for (let i = 0; i < count; i++) tasks.push(await taskThat('failed'))
    await pool.query(`UPDATE tasks SET updated_at = now() - interval '1 hour'`)
    await pool.query(`UPDATE task_folders SET noted_at = noted_at - interval '1 hour'`)
    return tasks
  }

  it('are tidied up past one that the store fails at, which waits for a later sweep and is told of once', async () => {
    const tasks = await endedTasks(4)
    const [broken, fine, worse, last] = tasks.map(folderOf)
    const tidied: string[] = []
    const store = {
      keepOnly: (folder: string) => {
        if (folder === broken || folder === worse) return Promise.reject(new Error(`denied: ${folder}`))
        tidied.push(folder)
        return Promise.resolve()
      },
    }
    const { log, lines } = recordedLog()
    await new FolderSweeper(folders, store, 60_000, log).sweepOnce()
    expect(tidied).toEqual([fine, last])
    expect(await Promise.all(tasks.map(isListed))).toEqual([true, false, true, false])
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'objects of ended tasks could not be removed',
        fields: { err: new Error(`denied: ${broken}`), failed: 2 },
      },
    ])
    await pool.query('DELETE FROM task_folders')
  })

  it('are left to the next sweep where the store fails at one after the other', async () => {
    const tasks = await endedTasks(8)
    const tried: string[] = []
    const store = {
      keepOnly: (folder: string) => {
        tried.push(folder)
        return Promise.reject(new Error('away'))
      },
    }
    const { log, lines } = recordedLog()
    const sweeper = new FolderSweeper(folders, store, 60_000, log)
    await sweeper.sweepOnce()
    expect(tried).toEqual(tasks.slice(0, 5).map(folderOf))
    expect(lines).toMatchObject([{ level: 'warn', fields: { failed: 5 } }])
    // Those that have not been tried come first.
    await sweeper.sweepOnce()
    expect(tried.slice(5)).toEqual(tasks.slice(5).map(folderOf))
    await pool.query('DELETE FROM task_folders')
  })

  it('stay locked for as long as the store takes, which may be longer than transactions may idle', async () => {
    const task = await taskThat('failed')
    const hasty = createDatabasePool(databaseUrl, () => undefined, { ...DATABASE_TIMEOUTS, statementMs: 200 })
    const store = {
      keepOnly: async () => {
        // Began to idle later: when this one has been ended for it, the sweeper's would have been.
        const other = await hasty.connect()
        await other.query('BEGIN')
        await once(other, 'error')
        other.release(true)
        expect(await reopenTask(pool, task.id, false)).toBe('busy')
      },
    }
    const { log, lines } = recordedLog()
    await new FolderSweeper(new TaskFolders(hasty, 5_000), store, 0, log).sweepOnce()
    expect(lines).toEqual([])
    expect(await isListed(task)).toBe(false)
    await hasty.end()
  })

  it('stay listed where somebody stored something while they were tidied up', async () => {
    const task = await taskThat('completed')
    const entry = await folders.open(task)
    await folders.open(task)
    await folders.close(task, entry)
    expect(await isListed(task)).toBe(true)
  })
})
