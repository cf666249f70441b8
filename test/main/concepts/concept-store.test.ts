import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConceptStore } from '../../../src/main/concepts/concept-store.ts'
import { readTaskView } from '../../../src/main/concepts/task-view.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import type { FinishedConcept } from '../../../src/processors/services.ts'
import type { ClaimedTask } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let pool: Pool
let leases: LeaseKeeper
let concepts: ConceptStore
let tasks: TaskStore

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
  leases = new LeaseKeeper(pool, 60_000, recordedLog().log)
  concepts = new ConceptStore(pool, leases, 5_000)
  tasks = new TaskStore(pool, leases, { workerId: 'w', leaseMs: 60_000, maxAttempts: 5 })
})

afterAll(async () => {
  await leases.stop()
  await pool.end()
})

async function claimedTask(): Promise<ClaimedTask> {
  const result = await tasks.claim(await insertTask(pool))
  if (result.kind !== 'claimed') throw new Error(result.reason)
  return result.task
}

function conceptOf(task: ClaimedTask): FinishedConcept {
  const colors = ['#000001', '#000002', '#000003', '#000004', '#000005'] as const
  const variation = (name: string, derived: boolean) => ({
    palette: { name, description: `"${name}" {x}`, colors, derived },
    stored: { path: `${task.id}/${name}.png`, url: `file:///${task.id}/${name}.png` },
  })
  return {
    logoDescription: "a fox's den",
    themeDescription: 'autumn',
    isAnonymous: false,
    stored: { path: `${task.id}/base.png`, url: `file:///${task.id}/base.png` },
    swatches: [{ name: 'Vibrant', hex: '#FF0000', share: 0.5 }],
    variations: [variation('First', false), variation('Second, {really}', true)],
    refinement: null,
  }
}

describe('the end of a task that did its work', () => {
  it('stores concept, variations in their order, timings and completion together', async () => {
    const task = await claimedTask()
    const startedAt = new Date()
    const timing = {
      step: null,
      item: null,
      startedAt,
      waitMs: 1,
      runMs: 2,
      outcome: 'ok',
      errorCode: null,
    } as const
    const conceptId = await concepts.complete(task, conceptOf(task), () => [
      { ...timing, stage: 'store_concept' },
    ])
    expect(await readTaskView(pool, task.id)).toMatchObject({
      status: 'completed',
      resultId: conceptId,
      concept: {
        id: conceptId,
        logoDescription: "a fox's den",
        isAnonymous: false,
        swatches: [{ name: 'Vibrant', hex: '#FF0000', share: 0.5 }],
        variations: [
          {
            paletteName: 'First',
            derived: false,
            colors: ['#000001', '#000002', '#000003', '#000004', '#000005'],
          },
          { paletteName: 'Second, {really}', derived: true, description: '"Second, {really}" {x}' },
        ],
      },
      stages: [{ stage: 'store_concept', waitMs: 1, runMs: 2, startedAt, attempt: 1 }],
    })
  })

  it('writes nothing for a worker that lost its claim', async () => {
    const task = await claimedTask()
    await pool.query('UPDATE tasks SET claim_epoch = claim_epoch + 1 WHERE id = $1', [task.id])
    expect(await concepts.complete(task, conceptOf(task), () => [])).toBeNull()
    expect((await readTaskView(pool, task.id))?.concept).toBeNull()
  })

  it('writes nothing for a task that was cancelled meanwhile', async () => {
    const task = await claimedTask()
    await pool.query(`UPDATE tasks SET status = 'cancelled' WHERE id = $1`, [task.id])
    expect(await concepts.complete(task, conceptOf(task), () => [])).toBeNull()
    expect((await taskRow(pool, task.id)).status).toBe('cancelled')
  })

  it('leaves the task in hand when storing fails half-way', async () => {
    const task = await claimedTask()
    const unstorable = { ...conceptOf(task), logoDescription: 'NUL \0' }
    await expect(concepts.complete(task, unstorable, () => [])).rejects.toMatchObject({
      category: 'database',
    })
    expect(await taskRow(pool, task.id)).toMatchObject({ status: 'processing', result_id: null })
    expect(await concepts.complete(task, conceptOf(task), () => [])).not.toBeNull()
  })
})

describe('the concept that an image belongs to', () => {
  it('is found by its base image and by its variations, for its owner only', async () => {
    const task = await claimedTask()
    const id = await concepts.complete(task, conceptOf(task), () => [])
    const found = { id, logoDescription: "a fox's den", themeDescription: 'autumn', isAnonymous: false }
    expect(await concepts.findByImagePath('user-1', `${task.id}/base.png`)).toEqual(found)
    expect(await concepts.findByImagePath('user-1', `${task.id}/First.png`)).toEqual(found)
    expect(await concepts.findByImagePath('user-2', `${task.id}/base.png`)).toBeNull()
    expect(await concepts.findByImagePath('user-1', 'elsewhere.png')).toBeNull()
  })

  it('is found without reading through the concepts of all others', async () => {
    const task = await claimedTask()
    const id = await concepts.complete(task, conceptOf(task), () => [])
    await pool.query(
      `WITH other AS (
         INSERT INTO tasks (id, user_id, type, status)
         SELECT gen_random_uuid(), 'user-1', 'concept_generation', 'completed' FROM generate_series(1, 2000)
         RETURNING id)
       INSERT INTO concepts
         (id, user_id, task_id, logo_description, theme_description, image_path, image_url, is_anonymous)
       SELECT id, 'user-1', id, '', '', id || '.png', '', true FROM other`,
    )
    const before = await conceptsRead()
    expect(await concepts.findByImagePath('user-1', `${task.id}/base.png`)).toMatchObject({ id })
    expect(await concepts.findByImagePath('user-1', `${task.id}/First.png`)).toMatchObject({ id })
    expect((await conceptsRead()) - before).toBeLessThan(20)
  })
})

/** How many rows of `concepts` this database has read so far. */
async function conceptsRead(): Promise<number> {
  const { idleCount } = pool
  // Each connection tells what it read when it is asked to.
  const clients = await Promise.all(Array.from({ length: idleCount }, () => pool.connect()))
  for (const client of clients) await client.query('SELECT pg_stat_force_next_flush()')
  for (const client of clients) client.release()
  const { rows } = await pool.query<{ read: number }>(
    `SELECT (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS read
     FROM pg_stat_user_tables WHERE relname = 'concepts'`,
  )
  return rows[0]!.read
}
