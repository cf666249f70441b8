import { Client, type Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CheckpointStore } from '../../../src/main/concepts/checkpoint-store.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { LeaseKeeper } from '../../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../../src/main/tasks/task-store.ts'
import type { Checkpoint } from '../../../src/processors/services.ts'
import type { ClaimedTask, TaskReference } from '../../../src/processors/task.ts'
import { recordedLog } from '../../setup/recorded-log.ts'
import { insertTask } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let url: string
let pool: Pool
let leases: LeaseKeeper
let tasks: TaskStore
let checkpoints: CheckpointStore

beforeAll(async () => {
  url = (await createTestDatabase()).url
  pool = createDatabasePool(url, () => undefined)
  leases = new LeaseKeeper(pool, 60_000, recordedLog().log)
  tasks = new TaskStore(pool, leases, { workerId: 'w', leaseMs: 60_000, maxAttempts: 5 })
  checkpoints = new CheckpointStore(pool, leases, 60_000)
})

afterAll(async () => {
  await leases.stop()
  await pool.end()
})

async function claim(reference: TaskReference): Promise<ClaimedTask> {
  await pool.query(`UPDATE tasks SET lease_expires_at = now() - interval '1 s' WHERE id = $1`, [
    reference.taskId,
  ])
  const result = await tasks.claim(reference)
  if (result.kind !== 'claimed') throw new Error(result.reason)
  return result.task
}

const palettes = (...value: unknown[]): Checkpoint => ({ stage: 'generate_palettes', askedFor: 'x', value })
const found = (task: ClaimedTask) => checkpoints.find(task, 'generate_palettes', 'x')

describe('a checkpoint', () => {
  it('is found by the next claim, and replaced by what that keeps', async () => {
    const reference = await insertTask(pool)
    const first = await claim(reference)
    expect(await checkpoints.keep(first, palettes({ name: 'one "quoted", {braced}' }))).toBe(true)
    const second = await claim(reference)
    expect(await found(second)).toEqual(palettes({ name: 'one "quoted", {braced}' }))
    expect(await checkpoints.find(second, 'generate_palettes', 'y')).toBeNull()
    expect(await checkpoints.find(second, 'generate_image', 'x')).toBeNull()
    const image = { path: 'a.png', sha256: 'aa', sizeBytes: 7, contentType: 'image/png' } as const
    expect(await checkpoints.keep(second, { stage: 'generate_image', askedFor: 'x', image })).toBe(true)
    expect(await checkpoints.keep(second, palettes())).toBe(true)
    const third = await claim(reference)
    expect(await found(third)).toEqual(palettes())
    expect(await checkpoints.find(third, 'generate_image', 'x')).toMatchObject({ image })
    expect(await checkpoints.forget(third, 'generate_palettes')).toBe(true)
    expect(await found(third)).toBeNull()
  })

  it('is neither written nor taken back by a claim that is lost', async () => {
    const reference = await insertTask(pool)
    const stale = await claim(reference)
    const current = await claim(reference)
    expect(await checkpoints.keep(current, palettes('current'))).toBe(true)
    expect(await checkpoints.keep(stale, palettes('stale'))).toBe(false)
    expect(await checkpoints.forget(stale, 'generate_palettes')).toBe(false)
    expect(await found(current)).toEqual(palettes('current'))
  })

  it('is not written for a task that was cancelled', async () => {
    const task = await claim(await insertTask(pool))
    await pool.query(`UPDATE tasks SET status = 'cancelled' WHERE id = $1`, [task.id])
    expect(await checkpoints.keep(task, palettes('late'))).toBe(false)
  })

  it('is not written by a claim that is lost in the middle of the write', async () => {
    const stale = await claim(await insertTask(pool))
    const other = new Client({ connectionString: url })
    await other.connect()
    try {
      await other.query('BEGIN')
      await other.query('UPDATE tasks SET claim_epoch = claim_epoch + 1 WHERE id = $1', [stale.id])
      const late = checkpoints.keep(stale, palettes('late'))
      await expect
        .poll(async () => {
          const { rows } = await pool.query<{ waiting: string }>(
            `SELECT count(*) AS waiting FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          )
          return rows[0]?.waiting
        })
        .toBe('1')
      await other.query('COMMIT')
      expect(await late).toBe(false)
    } finally {
      await other.end()
    }
    const { rows } = await pool.query('SELECT 1 FROM task_checkpoints WHERE task_id = $1', [stale.id])
    expect(rows).toEqual([])
  })

  it('is kept together with many others, of which each has its own end', async () => {
    const claims = await Promise.all(Array.from({ length: 40 }, async () => claim(await insertTask(pool))))
    const [locked, stale, ...others] = claims
    await pool.query('UPDATE tasks SET claim_epoch = claim_epoch + 1 WHERE id = $1', [stale!.id])
    const other = await pool.connect()
    await other.query('BEGIN')
    await other.query('SELECT FROM tasks WHERE id = $1 FOR NO KEY UPDATE', [locked!.id])
    const [waiting, lost, ...kept] = claims.map((task) => checkpoints.keep(task, palettes(task.id)))
    expect(await lost).toBe(false)
    expect(new Set(await Promise.all(kept))).toEqual(new Set([true]))
    expect((await storedValues([locked!])).size).toBe(0)
    await other.query('COMMIT')
    other.release()
    expect(await waiting).toBe(true)
    const expected = [locked!, ...others].map(({ id }): [string, unknown] => [id, [id]])
    expect(await storedValues(claims)).toEqual(new Map(expected))
  })
})

/** What stands in the table, by task. */
async function storedValues(of: readonly ClaimedTask[]): Promise<Map<string, unknown>> {
  const { rows } = await pool.query<{ task_id: string; value: unknown }>(
    'SELECT task_id, value FROM task_checkpoints WHERE task_id = ANY ($1)',
    [of.map(({ id }) => id)],
  )
  return new Map(rows.map(({ task_id: id, value }) => [id, value]))
}
