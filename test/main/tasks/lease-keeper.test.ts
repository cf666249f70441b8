import { once } from 'node:events'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const LEASE_MS = 900
let pool: Pool

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
})

afterAll(() => pool.end())

async function claimOne(keeper: LeaseKeeper) {
  const tasks = new TaskStore(pool, keeper, { workerId: 'w', leaseMs: LEASE_MS, maxAttempts: 5 })
  const reference = await insertTask(pool)
  const result = await tasks.claim(reference)
  if (result.kind !== 'claimed') throw new Error(result.reason)
  return result.task
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
    expect(kept.lost.aborted).toBe(false)
    expect(lines).toContainEqual(expect.objectContaining({ message: 'claim lost' }))
    await keeper.stop()
  })

  it('counts as lost once the database has been away for a whole lease', async () => {
    const { url } = await createTestDatabase()
    const own = createDatabasePool(url, () => undefined)
    const keeper = new LeaseKeeper(own, LEASE_MS, recordedLog().log)
    await own.end()
    const lost = keeper.hold('6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11', '1', performance.now())
    await once(lost, 'abort')
    expect(lost.reason).toEqual(new Error('the claim is lost'))
    await keeper.stop()
  })
})
