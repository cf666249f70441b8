import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { ClaimedTask, TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let pool: Pool
const keepers: LeaseKeeper[] = []

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
})

afterAll(async () => {
  await Promise.all(keepers.map((keeper) => keeper.stop()))
  await pool.end()
})

function store(workerId = 'worker-1', leaseMs = 60_000): TaskStore {
  const keeper = new LeaseKeeper(pool, leaseMs, recordedLog().log)
  keepers.push(keeper)
  return new TaskStore(pool, keeper, { workerId, leaseMs, maxAttempts: 5 })
}

async function claimed(tasks: TaskStore, reference: TaskReference): Promise<ClaimedTask> {
  const result = await tasks.claim(reference)
  if (result.kind !== 'claimed') throw new Error(`not claimed: ${result.reason}`)
  return result.task
}

describe('hostile deliveries: a claim', () => {
  it('takes a pending task and keeps what its message asked for', async () => {
    const reference = await insertTask(pool)
    const task = await claimed(store(), reference)
    expect(task).toMatchObject({
      id: reference.taskId,
      userId: 'user-1',
      attempt: 1,
      epoch: '1',
      maxAttempts: 5,
    })
    expect(await taskRow(pool, reference.taskId)).toMatchObject({
      status: 'processing',
      claimed_by: 'worker-1',
      request: { task_type: 'concept_generation', logo_description: 'a fox', num_palettes: 2 },
    })
  })

  it('of the same task by many workers at once is won by one', async () => {
    const reference = await insertTask(pool)
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => store(`worker-${i}`).claim(reference)),
    )
    expect(results.filter(({ kind }) => kind === 'claimed')).toHaveLength(1)
    expect(results).toContainEqual({ kind: 'unclaimable', reason: 'held' })
    expect(await taskRow(pool, reference.taskId)).toMatchObject({ claim_epoch: '1', attempt: 1 })
  })

  it('takes a task that was never claimed whatever the clock says: nothing but its message may know of it', async () => {
    const reference = await insertTask(pool)
    // As where the clock was put back, or another server with its own has taken over.
    await pool.query(`UPDATE tasks SET run_at = now() + interval '5 s' WHERE id = $1`, [reference.taskId])
    expect(await claimed(store(), reference)).toMatchObject({ attempt: 1 })
  })

  it('by another user changes nothing', async () => {
    const reference = await insertTask(pool)
    expect(await store().claim({ ...reference, userId: 'somebody else' })).toEqual({
      kind: 'unclaimable',
      reason: 'not_owner',
    })
    expect(await taskRow(pool, reference.taskId)).toMatchObject({ status: 'pending', attempt: 0 })
  })

  it('as another type changes nothing, and the true one is claimed beside it', async () => {
    const reference = await insertTask(pool)
    const [forged, real] = await Promise.all(
      ['concept_refinement', reference.taskType].map((taskType) => store().claim({ ...reference, taskType })),
    )
    expect(forged).toEqual({ kind: 'unclaimable', reason: 'wrong_type' })
    expect(real).toMatchObject({ kind: 'claimed', task: { attempt: 1 } })
  })

  it('of a task that is not there says so', async () => {
    const reference = { taskId: randomUUID(), userId: 'u', taskType: 'concept_generation', fields: {} }
    expect(await store().claim(reference)).toEqual({ kind: 'unclaimable', reason: 'missing' })
  })

  it.each(['completed', 'failed', 'cancelled'])('of a %s task changes nothing', async (status) => {
    const reference = await insertTask(pool)
    await pool.query('UPDATE tasks SET status = $2 WHERE id = $1', [reference.taskId, status])
    expect(await store().claim(reference)).toEqual({ kind: 'unclaimable', reason: 'ended' })
    expect(await taskRow(pool, reference.taskId)).toMatchObject({ status, attempt: 0 })
  })

  it('takes over a task whose worker died, with a higher epoch', async () => {
    const reference = await insertTask(pool)
    const tasks = store()
    await claimed(tasks, reference)
    await pool.query(`UPDATE tasks SET lease_expires_at = now() - interval '1 second' WHERE id = $1`, [
      reference.taskId,
    ])
    expect(await claimed(store('worker-2'), reference)).toMatchObject({ epoch: '2', attempt: 2 })
  })

  it('stores text that looks like SQL, and text that JSON can hold but jsonb cannot', async () => {
    const fields = { logo_description: "'; DROP TABLE tasks; --", theme_description: 'a\0b \ud800' }
    const reference = await insertTask(pool, { fields })
    await claimed(store(), reference)
    const { rows } = await pool.query<{ request: string }>('SELECT request::text FROM tasks WHERE id = $1', [
      reference.taskId,
    ])
    expect(JSON.parse(rows[0]!.request)).toMatchObject(fields)
  })

  it('keeps neither unknown fields nor a request beyond any limit', async () => {
    const withExtra = await insertTask(pool, { fields: { logo_description: 'x', extra: 'y' } })
    await claimed(store(), withExtra)
    expect((await taskRow(pool, withExtra.taskId)).request).toEqual({
      task_type: 'concept_generation',
      logo_description: 'x',
    })
    const huge = await insertTask(pool, { fields: { logo_description: 'x'.repeat(1_000_000) } })
    await claimed(store(), huge)
    expect((await taskRow(pool, huge.taskId)).request).toBeNull()
  })
})

describe('the end of an attempt', () => {
  it('marks a failed task with its category and a message of at most 1,000 characters', async () => {
    const tasks = store()
    const task = await claimed(tasks, await insertTask(pool))
    const failure = new Failure('content_policy', `generate_image: ${'x'.repeat(2_000)}\0`)
    expect(await tasks.fail(task, failure, [])).toBe(true)
    const row = await taskRow(pool, task.id)
    expect(row).toMatchObject({ status: 'failed', error_code: 'content_policy', claimed_by: null })
    expect(row.error_message).toHaveLength(1_000)
  })

  it('puts a task that is tried again back, due after its wait', async () => {
    const tasks = store()
    const reference = await insertTask(pool)
    const task = await claimed(tasks, reference)
    expect(await tasks.retry(task, new Failure('server', 'down'), 60_000, [])).toBe(true)
    const row = await taskRow(pool, task.id)
    expect(row).toMatchObject({ status: 'pending', attempt: 1, error_code: 'server' })
    expect(row.due_in_ms).toBeGreaterThan(50_000)
    expect(await tasks.claim(reference)).toEqual({ kind: 'unclaimable', reason: 'not_due' })
  })

  it('gives the attempt back when the worker stops', async () => {
    const tasks = store()
    const reference = await insertTask(pool)
    const task = await claimed(tasks, reference)
    expect(await tasks.release(task, [])).toBe(true)
    expect(await taskRow(pool, task.id)).toMatchObject({ status: 'pending', attempt: 0 })
    expect(await claimed(store('worker-2'), reference)).toMatchObject({ attempt: 1, epoch: '2' })
  })

  it('keeps the timings of a failed attempt', async () => {
    const tasks = store()
    const task = await claimed(tasks, await insertTask(pool))
    await tasks.fail(task, new Failure('server', 'down'), [
      {
        stage: 'create_variations',
        step: 'recolour',
        item: 3,
        startedAt: new Date(),
        waitMs: 1.5,
        runMs: 20,
        outcome: 'failed',
        errorCode: 'server',
      },
    ])
    const { rows } = await pool.query('SELECT * FROM stage_timings WHERE task_id = $1', [task.id])
    expect(rows).toMatchObject([
      { attempt: 1, stage: 'create_variations', step: 'recolour', item: 3, wait_ms: 1.5, run_ms: 20 },
    ])
  })

  it('writes nothing for a worker that lost its claim', async () => {
    const tasks = store()
    const reference = await insertTask(pool)
    const stale = await claimed(tasks, reference)
    await pool.query(`UPDATE tasks SET lease_expires_at = now() - interval '1 second' WHERE id = $1`, [
      stale.id,
    ])
    await claimed(store('worker-2'), reference)
    const failure = new Failure('server', 'down')
    expect(await tasks.fail(stale, failure, [])).toBe(false)
    expect(await tasks.retry(stale, failure, 0, [])).toBe(false)
    expect(await tasks.release(stale, [])).toBe(false)
    expect(await taskRow(pool, stale.id)).toMatchObject({ status: 'processing', claimed_by: 'worker-2' })
  })
})
