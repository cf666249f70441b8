import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { runCommand } from '../../setup/command-line.ts'
import { taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const REQUEST = '{"task_type":"concept_generation","logo_description":"a fox","theme_description":"autumn"}'

let pool: Pool
let databaseUrl: string

beforeAll(async () => {
  databaseUrl = (await createTestDatabase()).url
  pool = createDatabasePool(databaseUrl, () => undefined)
})

afterAll(() => pool.end())

const retry = (...args: string[]) => runCommand(['retry', ...args], { env: { DATABASE_URL: databaseUrl } })

async function endedTask(status: string, errorCode: string | null = null, minutes = 0): Promise<string> {
  const id = randomUUID()
  await pool.query(
    `INSERT INTO tasks (id, user_id, type, status, error_code, request, attempt, updated_at)
     VALUES ($1, 'user-1', 'concept_generation', $2, $3, $4, 5, now() - $5 * interval '1 minute')`,
    [id, status, errorCode, REQUEST, minutes],
  )
  return id
}

const statusOf = async (id: string) => (await taskRow(pool, id)).status

describe('retry with ids', () => {
  it('says of each task what happened, and retries those that can be', async () => {
    const [failed, cancelled, completed] = [
      await endedTask('failed', 'server'),
      await endedTask('cancelled'),
      await endedTask('completed'),
    ]
    const unknown = randomUUID()
    expect(await retry(failed, unknown, completed, cancelled)).toEqual({
      code: 1,
      stdout: `task ${failed} will be tried again\ntask ${cancelled} will be tried again\n`,
      stderr:
        `concept-worker: task ${unknown} was not retried: there is no such task\n` +
        `concept-worker: task ${completed} was not retried: it is completed and has its concept\n`,
    })
    expect(await Promise.all([failed, cancelled, completed].map(statusOf))).toEqual([
      'pending',
      'pending',
      'completed',
    ])
    expect(await retry(failed)).toMatchObject({
      code: 1,
      stderr: `concept-worker: task ${failed} was not retried: it has not failed, it is pending\n`,
    })
  })
})

describe('retry with an error code', () => {
  it('takes those that failed with it within the time, the latest, up to the limit; no cancelled ones', async () => {
    const old = await endedTask('failed', 'quota', 180)
    const [first, second, third] = [
      await endedTask('failed', 'quota', 30),
      await endedTask('failed', 'quota', 20),
      await endedTask('failed', 'quota', 10),
    ]
    const others = [await endedTask('failed', 'auth', 5), await endedTask('cancelled', 'quota', 5)]
    expect(await retry('--error-code', 'quota', '--since', '2h', '--limit', '2')).toEqual({
      code: 0,
      stdout: `task ${second} will be tried again\ntask ${third} will be tried again\n`,
      stderr: 'concept-worker: there may be more of them; run the command again for these\n',
    })
    expect(await retry('--error-code', 'quota', '--since', '2h')).toEqual({
      code: 0,
      stdout: `task ${first} will be tried again\n`,
      stderr: '',
    })
    expect(await retry('--error-code', 'quota', '--since', '2h')).toEqual({
      code: 0,
      stdout: 'no failed task has the error code quota\n',
      stderr: '',
    })
    expect(await Promise.all([old, ...others].map(statusOf))).toEqual(['failed', 'failed', 'cancelled'])
  })
})
