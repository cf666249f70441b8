import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { GENERATION } from '../../../src/processors/task.ts'
import { runCommand, type Finished } from '../../setup/command-line.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const taskId = randomUUID()
let databaseUrl: string

const run = (...args: string[]): Promise<Finished> => runCommand(args, { env: { DATABASE_URL: databaseUrl } })

/** All that begins as a date does. */
const datesIn = (text: string) => text.match(/\d{4}-\d\d-\d\d[^\s",]*/g) ?? []

beforeAll(async () => {
  databaseUrl = (await createTestDatabase()).url
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  // Postgres writes the times of attempts in the zone of its session.
  await client.query(
    `ALTER DATABASE ${client.escapeIdentifier(client.database!)} SET timezone = 'Asia/Kolkata'`,
  )
  await client.query(
    `INSERT INTO tasks (id, user_id, type, status, error_code, metadata, request, attempt, created_at, updated_at)
     VALUES ($1, 'user-1', $2, 'failed', 'auth', '{}', '{}', 1, now(), now())`,
    [taskId, GENERATION],
  )
  await client.query(
    `INSERT INTO stage_timings (task_id, attempt, stage, started_at, wait_ms, run_ms, outcome)
     VALUES ($1, 1, 'generate_image', now(), 0, 1, 'failed')`,
    [taskId],
  )
  await client.end()
  await run('retry', taskId)
})

describe('task', () => {
  it('prints each time as ISO 8601 in UTC, whatever zone the database has', async () => {
    const { code, stdout } = await run('task', taskId)
    expect(code).toBe(0)
    expect(stdout).toContain('to be tried again since')
    const dates = datesIn(stdout)
    expect(dates).toHaveLength(2)
    for (const date of dates) expect(date).toMatch(ISO_UTC)
  })

  it('has no other times in its JSON', async () => {
    const { stdout } = await run('task', taskId, '--json')
    const dates = datesIn(stdout)
    expect(JSON.parse(stdout)).toMatchObject({ attempts: [{ endedAt: dates.at(-2) }], stages: [{}] })
    for (const date of dates) expect(date).toMatch(ISO_UTC)
  })
})
