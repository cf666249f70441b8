import { once } from 'node:events'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool, inTransaction } from '../../../src/main/database/pool.ts'
import { cancelTask } from '../../../src/main/tasks/cancellation.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { reopenTask } from '../../../src/main/tasks/reopening.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import { ClaimLost } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { startStallingProxy } from '../../setup/stalling-proxy.ts'
import { insertTask } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const LEASE_MS = 1_500
const TASK_ID = '6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11'
let pool: Pool
let databaseUrl: string

beforeAll(async () => {
  databaseUrl = (await createTestDatabase()).url
  pool = createDatabasePool(databaseUrl, () => undefined)
})

afterAll(() => pool.end())

async function claimOne(keeper: LeaseKeeper, database = pool, leaseMs = LEASE_MS) {
  const tasks = new TaskStore(database, keeper, { workerId: 'w', leaseMs, maxAttempts: 5 })
  const reference = await insertTask(pool)
  const result = await tasks.claim(reference)
  if (result.kind !== 'claimed') throw new Error(result.reason)
  return result.task
}

async function isLeaseOver(taskId: string): Promise<boolean | undefined> {
  const { rows } = await pool.query<{ over: boolean }>(
    'SELECT lease_expires_at < clock_timestamp() AS over FROM tasks WHERE id = $1',
    [taskId],
  )
  return rows[0]?.over
}

/** Resolves when the lease in the database has been moved on by a renewal. */
async function renewed(taskId: string): Promise<void> {
  const leaseOf = async () => {
    const { rows } = await pool.query<{ lease: string }>(
      'SELECT lease_expires_at::text AS lease FROM tasks WHERE id = $1',
      [taskId],
    )
    return rows[0]?.lease
  }
  const before = await leaseOf()
  await expect.poll(leaseOf, { timeout: 10_000 }).not.toBe(before)
}

describe('the lease of a task in hand', () => {
  it('is known as lost when the task was cancelled and then reopened between two looks', async () => {
    const keeper = new LeaseKeeper(pool, 60_000, recordedLog().log)
    const task = await claimOne(keeper, pool, 60_000)
    expect(await cancelTask(pool, task.id)).toBe('processing')
    expect(await reopenTask(pool, task.id, true)).toBe('reopened')
    await keeper.look()
    expect(task.lost.reason).toMatchObject({ how: 'taken' })
    await keeper.stop()
  })

  it('is renewed for as long as the work takes', async () => {
    const keeper = new LeaseKeeper(pool, LEASE_MS, recordedLog().log)
    const task = await claimOne(keeper)
    await renewed(task.id)
    await renewed(task.id)
    expect(task.lost.aborted).toBe(false)
    await keeper.stop()
  })

  it('tells the work at once when another worker has taken the task', async () => {
    const { log, lines } = recordedLog()
    const keeper = new LeaseKeeper(pool, LEASE_MS, log)
    const [taken, kept] = [await claimOne(keeper), await claimOne(keeper)]
    await pool.query('UPDATE tasks SET claim_epoch = claim_epoch + 1 WHERE id = $1', [taken.id])
    await once(taken.lost, 'abort')
    expect(taken.lost.reason).toMatchObject({ how: 'taken' })
    expect(kept.lost.aborted).toBe(false)
    expect(lines).toContainEqual(expect.objectContaining({ message: 'claim lost' }))
    await keeper.stop()
  })

  it('is renewed although the row of another task is locked', async () => {
    const keeper = new LeaseKeeper(pool, LEASE_MS, recordedLog().log)
    const [locked, free] = [await claimOne(keeper), await claimOne(keeper)]
    await inTransaction(pool, async (client) => {
      await client.query('SELECT FROM tasks WHERE id = $1 FOR UPDATE', [locked.id])
      await renewed(free.id)
      expect(locked.lost.aborted).toBe(false)
    })
    await renewed(locked.id)
    expect([locked.lost.aborted, free.lost.aborted]).toEqual([false, false])
    await keeper.stop()
  })

  it('counts as lost once the database has been away for a whole lease', async () => {
    const { url } = await createTestDatabase()
    const own = createDatabasePool(url, () => undefined)
    const keeper = new LeaseKeeper(own, LEASE_MS, recordedLog().log)
    await own.end()
    const { lost } = keeper.hold(TASK_ID, '1', performance.now())
    await once(lost, 'abort')
    expect(lost.reason).toBeInstanceOf(ClaimLost)
    expect(lost.reason).toMatchObject({ how: 'unreachable' })
    await keeper.stop()
  })

  it('counts as lost at once when the claim took so long that its lease is over', async () => {
    const keeper = new LeaseKeeper(pool, LEASE_MS, recordedLog().log)
    expect(keeper.hold(TASK_ID, '1', performance.now() - LEASE_MS).lost.aborted).toBe(true)
    await keeper.stop()
  })

  it('counts as lost when nobody looks after it any more', async () => {
    const keeper = new LeaseKeeper(pool, LEASE_MS, recordedLog().log)
    const { lost } = keeper.hold(TASK_ID, '1', performance.now())
    await keeper.stop()
    expect(lost.aborted).toBe(true)
  })
})

describe('while Postgres hangs, the lease of a task in hand', () => {
  // Long enough for a loaded machine to ask the database before a tenth of it has passed.
  const LONG_LEASE_MS = 5_000

  async function behindProxy() {
    const proxy = await startStallingProxy(databaseUrl)
    const own = createDatabasePool(proxy.url, () => undefined)
    const stop = async () => {
      // Whatever hangs ends with its connection.
      await proxy.stop()
      await own.end()
    }
    return { proxy, own, stop }
  }

  it('counts as lost before any other worker can take the task', async () => {
    const { proxy, own, stop } = await behindProxy()
    const keeper = new LeaseKeeper(own, LONG_LEASE_MS, recordedLog().log)
    const task = await claimOne(keeper, own, LONG_LEASE_MS)
    await renewed(task.id)
    proxy.stall()
    await once(task.lost, 'abort')
    expect(await isLeaseOver(task.id)).toBe(false)
    await stop()
    await keeper.stop()
  })

  it('is renewed on another connection while a renewal hangs', async () => {
    const { proxy, own, stop } = await behindProxy()
    const keeper = new LeaseKeeper(own, LONG_LEASE_MS, recordedLog().log)
    const task = await claimOne(keeper, own, LONG_LEASE_MS)
    proxy.stallOpen()
    await renewed(task.id)
    expect(task.lost.aborted).toBe(false)
    await stop()
    await keeper.stop()
  })
})
