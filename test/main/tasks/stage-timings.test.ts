import { randomUUID } from 'node:crypto'
import { Client, type Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import { Failure } from '../../../src/processors/failure.ts'
import type { StageTiming } from '../../../src/processors/stage-clock.ts'
import type { ClaimedTask } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const LEASE_MS = 60_000

let url: string
let pool: Pool
let keeper: LeaseKeeper
let tasks: TaskStore

beforeAll(async () => {
  url = (await createTestDatabase()).url
  pool = createDatabasePool(url, () => undefined)
  keeper = new LeaseKeeper(pool, LEASE_MS, recordedLog().log)
  tasks = new TaskStore(pool, keeper, { workerId: 'worker-1', leaseMs: LEASE_MS, maxAttempts: 5 })
})

afterAll(async () => {
  await keeper.stop()
  await pool.end()
})

const timing: StageTiming = {
  stage: 'generate_image',
  step: null,
  item: null,
  startedAt: new Date(),
  waitMs: 1,
  runMs: 2,
  outcome: 'failed',
  errorCode: 'server',
}

async function claimed(): Promise<ClaimedTask> {
  const result = await tasks.claim(await insertTask(pool))
  if (result.kind !== 'claimed') throw new Error(`not claimed: ${result.reason}`)
  return result.task
}

const fail = (task: ClaimedTask) => tasks.fail(task, new Failure('server', 'down'), [timing, timing])

async function timingsOf({ id }: ClaimedTask): Promise<number> {
  const { rowCount } = await pool.query('SELECT FROM stage_timings WHERE task_id = $1', [id])
  return rowCount ?? 0
}

/** Connects as somebody who may delete tasks and nothing else. */
async function asDeleter<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const role = `deleter_${randomUUID().replaceAll('-', '')}`
  await pool.query(`CREATE ROLE ${role}; GRANT SELECT, DELETE ON tasks TO ${role}`)
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`SET ROLE ${role}`)
    return await work(client)
  } finally {
    await client.end()
    // Roles belong to the whole cluster.
    await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
}

describe('stage timings', () => {
  it('go with the tasks that are deleted, also by somebody without a right to them, and only with those', async () => {
    const [gone, alsoGone, kept] = [await claimed(), await claimed(), await claimed()]
    for (const task of [gone, alsoGone, kept]) await fail(task)
    expect(await timingsOf(gone)).toBe(2)
    await asDeleter(async (client) => {
      // Where the caller's own tables come first, they are not taken for the worker's.
      await client.query('CREATE TEMPORARY TABLE stage_timings (task_id uuid)')
      await client.query('DELETE FROM tasks WHERE id = ANY ($1)', [[gone.id, alsoGone.id]])
    })
    expect([await timingsOf(gone), await timingsOf(alsoGone), await timingsOf(kept)]).toEqual([0, 0, 2])
  })

  it('are not written for a task that is deleted at the same moment', async () => {
    const task = await claimed()
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query('DELETE FROM tasks WHERE id = $1', [task.id])
    const failing = fail(task)
    await lockIsWaitedFor()
    await client.query('COMMIT')
    client.release()
    expect(await failing).toBe(false)
    expect(await timingsOf(task)).toBe(0)
  })
})

async function lockIsWaitedFor(): Promise<void> {
  let waiting: number | null = 0
  while (!waiting) {
    const { rowCount } = await pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    waiting = rowCount
  }
}
