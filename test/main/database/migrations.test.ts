import { Client } from 'pg'
import { randomUUID } from 'node:crypto'
import { describe, expect, inject, it } from 'vitest'
import { migrate, MigrationError } from '../../../src/main/database/migrations.ts'

async function emptyDatabase(): Promise<string> {
  const name = `empty_${randomUUID().replaceAll('-', '')}`
  await query(inject('postgresUrl'), `CREATE DATABASE ${name}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = name
  return url.href
}

async function query(url: string, sql: string) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}

describe('migrations', () => {
  it('run once, however many workers start at the same time', async () => {
    const url = await emptyDatabase()
    const runs = await Promise.all([migrate(url), migrate(url), migrate(url)])
    expect(runs.flat()).toEqual([
      '0001_initial.sql',
      '0002_parked_messages.sql',
      '0003_tasks_due_again.sql',
    ])
    expect(await migrate(url)).toEqual([])
  })

  it('extend the tables that the product made, and keep their rows', async () => {
    const url = await emptyDatabase()
    await query(
      url,
      `CREATE TABLE tasks (id uuid PRIMARY KEY, user_id text NOT NULL, type text NOT NULL, status text NOT NULL,
         result_id uuid, error_message text, metadata jsonb, created_at timestamptz DEFAULT now(),
         updated_at timestamptz DEFAULT now());
       INSERT INTO tasks (id, user_id, type, status)
       VALUES ('6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11', 'u', 'concept_generation', 'completed')`,
    )
    await migrate(url)
    expect(await query(url, 'SELECT user_id, status, attempt, claim_epoch FROM tasks')).toEqual([
      { user_id: 'u', status: 'completed', attempt: 0, claim_epoch: '0' },
    ])
  })

  it('refuse a database that a newer worker has migrated, or whose history differs', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    await query(url, `INSERT INTO migrations (name, checksum) VALUES ('9999_future.sql', 'x')`)
    await expect(migrate(url)).rejects.toThrow(MigrationError)
    await query(
      url,
      `DELETE FROM migrations WHERE name = '9999_future.sql'; UPDATE migrations SET checksum = 'x'`,
    )
    await expect(migrate(url)).rejects.toThrow('0001_initial.sql changed after it ran')
  })
})
