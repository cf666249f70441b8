import type { Pool, QueryConfig } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Dependencies } from '../../../src/main/availability/held-tasks.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import type { DueSearch } from '../../../src/main/tasks/due-claims.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { Reaper } from '../../../src/main/tasks/reaper.ts'
import { TaskStore, type DueTask } from '../../../src/main/tasks/task-store.ts'
import type { ClaimedTask, TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const SEARCH: DueSearch = { limit: 10, overdueMs: 0, graceMs: 60_000, except: [], exceptTypes: [] }
let pool: Pool

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
})

afterEach(() => pool.query('DELETE FROM tasks'))

afterAll(() => pool.end())

async function dueTask(): Promise<TaskReference> {
  const reference = await insertTask(pool)
  const request = JSON.stringify({ task_type: reference.taskType, ...reference.fields })
  await pool.query(`UPDATE tasks SET request = $2, run_at = now() - interval '1 second' WHERE id = $1`, [
    reference.taskId,
    request,
  ])
  return reference
}

function storeOn(database: Pool, workerId = 'w'): TaskStore {
  const keeper = new LeaseKeeper(pool, 60_000, recordedLog().log)
  onTestFinished(() => keeper.stop())
  return new TaskStore(database, keeper, { workerId, leaseMs: 60_000, maxAttempts: 1 })
}

/** Postgres does what it is asked for, and the connection breaks before the answer to the first of each of these statements. */
function withoutAnswersTo(...names: string[]): Pool {
  const query = async (config: QueryConfig) => {
    const answer = await pool.query(config)
    const lost = names.indexOf(config.name ?? '')
    if (lost < 0) return answer
    names.splice(lost, 1)
    throw new Error('Connection terminated unexpectedly')
  }
  return { query } as unknown as Pool
}

/** A worker's reaper, and the tasks that it has found, which are in its hands from then on. */
function startReaper(tasks: TaskStore) {
  const found: DueTask[] = []
  const runner = {
    freeSlots: 10,
    get inHand() {
      return found.map(({ reference }) => reference.taskId)
    },
    run: async (reference: TaskReference, task: ClaimedTask) => void found.push({ reference, task }),
  }
  const options = { periodMs: 50, graceMs: 60_000, maxBeyond: 0 }
  const reaper = new Reaper(tasks, runner, new Dependencies([]), options, recordedLog().log)
  onTestFinished(() => reaper.stop())
  reaper.start()
  return found
}

describe('hostile conditions: due tasks that were claimed by a look whose answer never came', () => {
  it.each([
    ['are taken back by the next look', ['claim-due-tasks']],
    [
      'are taken back by the one after that, where its answer is lost too',
      ['claim-due-tasks', 'take-back-claims'],
    ],
  ])('%s, and keep their only attempt', async (_, lost) => {
    const due = await Promise.all([dueTask(), dueTask()])
    const found = startReaper(storeOn(withoutAnswersTo(...lost)))
    await expect.poll(() => found.length).toBe(2)
    expect(found.map(({ reference }) => reference)).toEqual(expect.arrayContaining(due))
    for (const { task } of found) {
      expect(task).toMatchObject({ attempt: 1, maxAttempts: 1, epoch: String(1 + lost.length) })
      expect(await taskRow(pool, task.id)).toMatchObject({ attempt: 1, attempt_history: [] })
    }
  })

  it('are told from those that are in hand, and from those of other workers', async () => {
    const lost = await dueTask()
    const tasks = storeOn(withoutAnswersTo('claim-due-tasks'))
    await expect(tasks.claimDue(SEARCH)).rejects.toThrow('terminated')
    const [mine, theirs] = [await insertTask(pool), await insertTask(pool)]
    await tasks.claim(mine)
    await storeOn(pool, 'other').claim(theirs)
    const back = await tasks.takeBack(() => [mine.taskId])
    expect(back.map(({ reference }) => reference)).toEqual([lost])
    for (const { taskId } of [mine, theirs]) {
      expect(await taskRow(pool, taskId)).toMatchObject({ claim_epoch: '1' })
    }
  })

  it('are left to whoever has claimed them since', async () => {
    const { taskId } = await dueTask()
    const tasks = storeOn(withoutAnswersTo('claim-due-tasks'))
    await expect(tasks.claimDue(SEARCH)).rejects.toThrow('terminated')
    let claimedSince: Promise<unknown> = Promise.resolve()
    const late = storeOn({
      query: async (config: QueryConfig) => {
        if (config.name === 'take-back-claims') await claimedSince
        return pool.query(config)
      },
    } as unknown as Pool)
    const back = await late.takeBack(() => {
      // As this worker itself does for a message, the moment after it was asked.
      claimedSince = pool.query('UPDATE tasks SET claim_epoch = claim_epoch + 1 WHERE id = $1', [taskId])
      return []
    })
    expect(back).toEqual([])
    expect(await taskRow(pool, taskId)).toMatchObject({ claim_epoch: '2' })
  })
})
