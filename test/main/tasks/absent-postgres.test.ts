import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CheckpointStore } from '../../../src/main/concepts/checkpoint-store.ts'
import { ConceptStore } from '../../../src/main/concepts/concept-store.ts'
import { TaskFolders } from '../../../src/main/concepts/task-folders.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { FinishedConcept } from '../../../src/processors/services.ts'
import type { ClaimedTask, TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask, taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const LEASE_MS = 60_000
let pool: Pool
let ownPool: Pool
let leases: LeaseKeeper

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
  ownPool = createDatabasePool(url, () => undefined)
  leases = new LeaseKeeper(pool, LEASE_MS, recordedLog().log)
})

afterAll(async () => {
  await leases.stop()
  await Promise.all([ownPool.end(), pool.end()])
})

function stores(database: Pool) {
  return {
    tasks: new TaskStore(database, leases, { workerId: 'w', leaseMs: LEASE_MS, maxAttempts: 5 }),
    concepts: new ConceptStore(database, leases, LEASE_MS),
    checkpoints: new CheckpointStore(database, leases, LEASE_MS),
    folders: new TaskFolders(database, LEASE_MS),
  }
}

/** Postgres does what it is asked for, and the connection breaks before the first answer is there. */
function withoutFirstAnswer(): Pool {
  let isFirst = true
  const query = async (...args: Parameters<Pool['query']>) => {
    const answer = await (pool.query(...args) as unknown as Promise<unknown>)
    if (!isFirst) return answer
    isFirst = false
    throw new Error('Connection terminated unexpectedly')
  }
  return { query } as unknown as Pool
}

async function claimed(tasks: TaskStore, reference: TaskReference): Promise<ClaimedTask> {
  const result = await tasks.claim(reference)
  if (result.kind !== 'claimed') throw new Error(`not claimed: ${result.reason}`)
  return result.task
}

const claimedTask = async () => claimed(stores(pool).tasks, await insertTask(pool))

const concept: FinishedConcept = {
  logoDescription: 'a fox',
  themeDescription: 'autumn',
  isAnonymous: false,
  stored: { path: 'p', url: 'u' },
  swatches: [],
  variations: [],
  refinement: null,
}

describe('hostile conditions: when Postgres has done what it was asked for, but its answer never came', () => {
  it('a claim is made good, and costs no second attempt', async () => {
    const reference = await insertTask(pool)
    const task = await claimed(stores(withoutFirstAnswer()).tasks, reference)
    expect(task).toMatchObject({ attempt: 1, epoch: '2' })
    expect(await taskRow(pool, reference.taskId)).toMatchObject({ attempt: 1, attempt_history: [] })
  })

  it('a completed task is known as completed, with its one concept', async () => {
    const task = await claimedTask()
    const id = await stores(withoutFirstAnswer()).concepts.complete(task, concept, () => [])
    expect(id).not.toBeNull()
    const { rows } = await pool.query('SELECT id FROM concepts WHERE task_id = $1', [task.id])
    expect(rows).toEqual([{ id }])
    expect(await taskRow(pool, task.id)).toMatchObject({ status: 'completed', result_id: id })
  })

  it.each(['fail', 'retry', 'release'] as const)(
    'the end of an attempt is known as written: %s',
    async (end) => {
      const task = await claimedTask()
      const { tasks } = stores(withoutFirstAnswer())
      const failure = new Failure('server', 'down')
      const ends = {
        fail: () => tasks.fail(task, failure, []),
        retry: () => tasks.retry(task, failure, 60_000, []),
        release: () => tasks.release(task, []),
      }
      expect(await ends[end]()).toBe(true)
      expect((await taskRow(pool, task.id)).attempt_history).toHaveLength(1)
    },
  )

  it('what was paid for is kept', async () => {
    const task = await claimedTask()
    const paid = { stage: 'generate_palettes', askedFor: 'x', value: ['paid for'] } as const
    expect(await stores(withoutFirstAnswer()).checkpoints.keep(task, paid)).toBe(true)
    // As another claim would look for it: the first one has nothing to look for.
    const later = { ...task, epoch: '2' }
    expect(await stores(pool).checkpoints.find(later, paid.stage, 'x')).toEqual(paid)
  })

  it('an attempt has its folder and what it looks for', async () => {
    const task = { ...(await claimedTask()), epoch: '2' }
    expect(await stores(withoutFirstAnswer()).folders.open(task)).toBe('2')
    expect(await stores(withoutFirstAnswer()).checkpoints.find(task, 'generate_image', 'x')).toBeNull()
    expect(await stores(withoutFirstAnswer()).concepts.findByImagePath(task.userId, 'nowhere')).toBeNull()
  })

  it('a task that was taken over meanwhile is known as lost', async () => {
    const task = await claimedTask()
    await pool.query('UPDATE tasks SET claim_epoch = claim_epoch + 1 WHERE id = $1', [task.id])
    expect(await stores(withoutFirstAnswer()).concepts.complete(task, concept, () => [])).toBeNull()
  })
})

describe('hostile conditions: when Postgres cuts connections in the middle of statements', () => {
  it('each task is claimed and completed once all the same', async () => {
    const { tasks, concepts } = stores(ownPool)
    const references = await Promise.all(Array.from({ length: 60 }, () => insertTask(pool)))
    const over = new AbortController()
    let cuts = 0
    const cutting = (async () => {
      while (!over.signal.aborted && cuts < 10) {
        const { rowCount } = await pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ~ '(asked|finished)'`,
        )
        cuts += rowCount ?? 0
      }
    })()
    const waiting = references.values()
    const ids: string[] = []
    const lane = async () => {
      for (const reference of waiting) {
        const task = await claimed(tasks, reference)
        ids.push((await concepts.complete(task, concept, () => [])) ?? 'lost')
      }
    }
    await Promise.all(Array.from({ length: 6 }, lane)).finally(() => over.abort())
    await cutting
    expect(cuts).toBeGreaterThan(0)
    const { rows } = await pool.query<{ id: string; attempt: number }>(
      `SELECT concepts.id, attempt FROM concepts JOIN tasks ON result_id = concepts.id
       WHERE task_id = ANY ($1)`,
      [references.map(({ taskId }) => taskId)],
    )
    expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    expect(ids).toHaveLength(60)
    expect(new Set(rows.map(({ attempt }) => attempt))).toEqual(new Set([1]))
  })
})
