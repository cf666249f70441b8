import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { cancelTask } from '../../../src/main/tasks/cancellation.ts'
import { reopenTask } from '../../../src/main/tasks/reopening.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { ClaimedTask, TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let pool: Pool
let leases: LeaseKeeper
let store: TaskStore

beforeAll(async () => {
  pool = createDatabasePool((await createTestDatabase()).url, () => undefined)
  leases = new LeaseKeeper(pool, 60_000, recordedLog().log)
  store = new TaskStore(pool, leases, { workerId: 'worker-1', leaseMs: 60_000, maxAttempts: 5 })
})

afterAll(async () => {
  await leases.stop()
  await pool.end()
})

async function claimed(reference: TaskReference): Promise<ClaimedTask> {
  const result = await store.claim(reference)
  if (result.kind !== 'claimed') throw new Error(`not claimed: ${result.reason}`)
  return result.task
}

/** A task that failed, after an attempt that was tried again. */
async function failedTask(): Promise<TaskReference> {
  const reference = await insertTask(pool)
  await store.retry(await claimed(reference), new Failure('timeout', 'no answer'), 0, [])
  await store.fail(await claimed(reference), new Failure('timeout', 'no answer'), [])
  return reference
}

const claimDue = (except: readonly string[] = []) =>
  store.claimDue({ limit: 100, overdueMs: 0, graceMs: 60_000, except, exceptTypes: [] })

describe('a failed task that is reopened', () => {
  it('is due at once for any worker, without a message, and its earlier attempts do not count', async () => {
    const { taskId } = await failedTask()
    expect(await reopenTask(pool, taskId, false)).toBe('reopened')
    expect(await taskRow(pool, taskId)).toMatchObject({
      status: 'pending',
      claimed_by: null,
      error_code: null,
      error_message: null,
    })
    const due = (await claimDue()).find(({ task }) => task.id === taskId)
    expect(due).toMatchObject({
      reference: { fields: { logo_description: 'a fox' } },
      task: { attempt: 3, attemptsBefore: 2, earlierFailures: [] },
    })
    await store.retry(due!.task, new Failure('timeout', 'no answer'), 0, [])
    const [next] = await claimDue()
    expect(next?.task).toMatchObject({ attempt: 4, attemptsBefore: 2, earlierFailures: ['timeout'] })
    const { attempt_history: history } = await taskRow(pool, taskId)
    expect(history.map(({ attempt, outcome, worker }) => [attempt, outcome, worker])).toEqual([
      [1, 'retried', 'worker-1'],
      [2, 'failed', 'worker-1'],
      [2, 'reopened', null],
      [3, 'retried', 'worker-1'],
    ])
    await store.fail(next!.task, new Failure('timeout', 'no answer'), [])
  })

  it('keeps all its attempts when it is released more often than its history has room for', async () => {
    const reference = await failedTask()
    await reopenTask(pool, reference.taskId, false)
    for (let i = 0; i < 100; i++) await store.release(await claimed(reference), [])
    const { attempt_history: history } = await taskRow(pool, reference.taskId)
    expect(new Set(history.map(({ outcome }) => outcome))).toEqual(new Set(['released']))
    expect(await claimed(reference)).toMatchObject({ attempt: 3, attemptsBefore: 2 })
  })

  it('keeps what it has paid for', async () => {
    const { taskId } = await failedTask()
    await pool.query(
      `INSERT INTO task_checkpoints (task_id, name, claim_epoch, asked_for, value) VALUES ($1, 'x', 1, 'y', '[]')`,
      [taskId],
    )
    await reopenTask(pool, taskId, false)
    const { rows } = await pool.query('SELECT name FROM task_checkpoints WHERE task_id = $1', [taskId])
    expect(rows).toEqual([{ name: 'x' }])
  })

  it('by many at once is reopened once, and claimed once', async () => {
    const reference = await failedTask()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => reopenTask(pool, reference.taskId, false)),
    )
    expect(answers.filter((answer) => answer === 'reopened')).toHaveLength(1)
    const { attempt_history: history } = await taskRow(pool, reference.taskId)
    expect(history.filter(({ outcome }) => outcome === 'reopened')).toHaveLength(1)
    const claims = await Promise.all(Array.from({ length: 8 }, () => store.claim(reference)))
    expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1)
  })

  it('is left alone while its folder is being tidied up: an attempt would lose its objects', async () => {
    const { taskId } = await failedTask()
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('SELECT FROM tasks WHERE id = $1 FOR SHARE', [taskId])
      expect(await reopenTask(pool, taskId, false)).toBe('busy')
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
    expect(await reopenTask(pool, taskId, false)).toBe('reopened')
  })

  it('of which nothing is kept that was asked for is left as it is', async () => {
    const { taskId } = await failedTask()
    await pool.query('UPDATE tasks SET request = NULL WHERE id = $1', [taskId])
    expect(await reopenTask(pool, taskId, false)).toBe('unasked')
    expect(await taskRow(pool, taskId)).toMatchObject({ status: 'failed', error_code: 'timeout' })
    const metadata = { logo_description: 'an owl', theme_description: 'night', other: 1 }
    await pool.query('UPDATE tasks SET metadata = $2 WHERE id = $1', [taskId, metadata])
    expect(await reopenTask(pool, taskId, false)).toBe('reopened')
    expect((await taskRow(pool, taskId)).request).toEqual({
      task_type: 'concept_generation',
      logo_description: 'an owl',
      theme_description: 'night',
    })
  })
})

describe('a task that has not failed', () => {
  it('is reopened if it was cancelled and that is to count; its worker writes nothing more', async () => {
    const reference = await insertTask(pool)
    const before = await claimed(reference)
    await cancelTask(pool, reference.taskId)
    expect(await reopenTask(pool, reference.taskId, false)).toBe('cancelled')
    expect(await reopenTask(pool, reference.taskId, true)).toBe('reopened')
    expect(await store.fail(before, new Failure('internal', 'late'), [])).toBe(false)
    expect(await claimed(reference)).toMatchObject({ attempt: 2, attemptsBefore: 1 })
  })

  it('is left as it is', async () => {
    const waiting = await insertTask(pool)
    expect(await reopenTask(pool, waiting.taskId, true)).toBe('pending')
    await claimed(waiting)
    expect(await reopenTask(pool, waiting.taskId, true)).toBe('processing')
    await pool.query(`UPDATE tasks SET status = 'completed' WHERE id = $1`, [waiting.taskId])
    expect(await reopenTask(pool, waiting.taskId, true)).toBe('completed')
    expect(await taskRow(pool, waiting.taskId)).toMatchObject({ status: 'completed', attempt_history: [] })
    expect(await reopenTask(pool, randomUUID(), true)).toBe('missing')
  })
})
