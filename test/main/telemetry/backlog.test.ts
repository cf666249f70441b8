import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { Backlog, MAX_COUNTED } from '../../../src/main/telemetry/backlog.ts'
import { startStallingProxy, type StallingProxy } from '../../setup/stalling-proxy.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let proxy: StallingProxy
/** An operator's, and the worker's own. */
let pool: Pool
let workersPool: Pool

beforeAll(async () => {
  const { url } = await createTestDatabase()
  proxy = await startStallingProxy(url)
  pool = createDatabasePool(url, () => undefined)
  workersPool = createDatabasePool(proxy.url, () => undefined)
})

afterAll(async () => {
  await Promise.all([pool.end(), workersPool.end()])
  await proxy.stop()
})

const EMPTY = { quarantinedMessages: 0, parkedMessages: 0, pendingTasks: 0, oldestPendingSeconds: 0 }
const read = () => new Backlog(workersPool).read()

describe('what waits in Postgres', () => {
  it('is counted: tasks and messages that somebody has to see to, and since when', async () => {
    expect(await read()).toEqual(EMPTY)
    await pool.query(
      `INSERT INTO tasks (id, user_id, type, status, request, run_at)
       SELECT gen_random_uuid(), 'u', 'concept_generation', status, request::json, now() + due
       FROM (VALUES ('pending', NULL, interval '-100 s'), ('pending', '{}', '-600 s'), ('pending', '{}', '1 h'),
                    ('processing', '{}', '-1 day'), ('completed', '{}', '-1 day')) AS task (status, request, due);
       INSERT INTO parked_messages (message_id, task_id, data, attributes, published_at, look_at, give_up_at)
       VALUES ('1', gen_random_uuid(), '', '{}', now(), now(), now());
       INSERT INTO quarantined_messages (message_id, reason, data, size_bytes, attributes, published_at, replayed_at)
       VALUES ('2', 'r', '', 0, '{}', now(), NULL), ('3', 'r', '', 0, '{}', now(), now())`,
    )
    const reading = await read()
    expect(reading).toMatchObject({ quarantinedMessages: 1, parkedMessages: 1, pendingTasks: 3 })
    expect(reading!.oldestPendingSeconds).toBeGreaterThanOrEqual(600)
  })

  it('is counted only so far, so that a huge backlog is not dear to look at', async () => {
    await pool.query(
      `INSERT INTO tasks (id, user_id, type, request)
       SELECT gen_random_uuid(), 'u', 'concept_generation', CASE WHEN i % 2 = 0 THEN '{}'::json END
       FROM generate_series(0, $1) AS i`,
      [MAX_COUNTED],
    )
    expect(await read()).toMatchObject({ pendingTasks: MAX_COUNTED })
  })

  it('is asked for once, however many ask, until the answer is old', async () => {
    const [patient, hasty] = [new Backlog(workersPool), new Backlog(workersPool, 0)]
    const before = await Promise.all([patient.read(), hasty.read()])
    await pool.query(`UPDATE tasks SET status = 'cancelled' WHERE status = 'pending'`)
    expect(await patient.read()).toBe(before[0])
    expect(await hasty.read()).toMatchObject({ pendingTasks: 0, oldestPendingSeconds: 0 })
  })

  it('is unknown while Postgres is away or says nothing', async () => {
    proxy.stall()
    expect(await read()).toBeNull()
    proxy.cut()
    expect(await read()).toBeNull()
    proxy.resume()
  })
})
