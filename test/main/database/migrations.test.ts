import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { Client } from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { NoAnswerError } from '../../../src/main/database/failure.ts'
import { migrate, MigrationError } from '../../../src/main/database/migrations.ts'
import { startStallingProxy } from '../../setup/stalling-proxy.ts'

const FOLDER = new URL('../../../migrations/', import.meta.url)
const ALL = (await readdir(FOLDER)).toSorted()

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
    expect(runs.flat()).toEqual(ALL)
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
    await query(url, `INSERT INTO concept_worker_migrations (name, checksum) VALUES ('9999_future.sql', 'x')`)
    await expect(migrate(url)).rejects.toThrow(MigrationError)
    await query(
      url,
      `DELETE FROM concept_worker_migrations WHERE name = '9999_future.sql';
       UPDATE concept_worker_migrations SET checksum = 'x'`,
    )
    await expect(migrate(url)).rejects.toThrow('0001_initial.sql changed after it ran')
  })

  it('leave a table named migrations alone that is the product’s own', async () => {
    const url = await emptyDatabase()
    await query(
      url,
      `CREATE TABLE migrations (id serial PRIMARY KEY, name text); INSERT INTO migrations (name) VALUES ('init')`,
    )
    expect(await migrate(url)).toEqual(ALL)
    expect(await migrate(url)).toEqual([])
    expect(await query(url, 'SELECT name FROM migrations')).toEqual([{ name: 'init' }])
  })

  it('leave it alone also where it looks like the worker’s list of earlier versions', async () => {
    const url = await emptyDatabase()
    await query(
      url,
      `CREATE TABLE migrations (name text PRIMARY KEY, checksum text NOT NULL, ran_at timestamptz);
       INSERT INTO migrations VALUES ('0001_users.sql', 'abc')`,
    )
    expect(await migrate(url)).toEqual(ALL)
    expect(await query(url, 'SELECT name FROM migrations')).toEqual([{ name: '0001_users.sql' }])
  })

  it('go on from the list of an earlier version, and free its name', async () => {
    const url = await emptyDatabase()
    // What an earlier version left: only its first migration, in a list of another name.
    const sql = await readFile(new URL('0001_initial.sql', FOLDER), 'utf8')
    const checksum = createHash('sha256').update(sql).digest('hex')
    await query(
      url,
      `${sql};
       CREATE TABLE migrations (name text PRIMARY KEY, checksum text NOT NULL, ran_at timestamptz DEFAULT now());
       INSERT INTO migrations VALUES ('0001_initial.sql', '${checksum}')`,
    )
    expect(await migrate(url)).toEqual(ALL.slice(1))
    expect(await query(url, `SELECT to_regclass('migrations') AS old`)).toEqual([{ old: null }])
    expect(await migrate(url)).toEqual([])
  })

  it('let the attempts of a task count from where it was set back before', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    const past = [
      { attempt: 2, outcome: 'reopened' },
      { attempt: 5, outcome: 'reopened' },
      { attempt: 6, outcome: 'retried' },
    ]
    await query(
      url,
      `ALTER TABLE tasks DROP COLUMN attempts_before;
       DELETE FROM concept_worker_migrations WHERE name = '0050_attempts_before.sql';
       INSERT INTO tasks (id, user_id, type, attempt, attempt_history) VALUES
         ('6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c11', 'a', 'concept_generation', 6, '${JSON.stringify(past)}'),
         ('6f9c1f0a-4a54-4d8e-9a43-0f6f2f7b1c12', 'b', 'concept_generation', 6, '${JSON.stringify(past.slice(2))}')`,
    )
    await migrate(url)
    expect(await query(url, 'SELECT user_id, attempts_before FROM tasks ORDER BY user_id')).toEqual([
      { user_id: 'a', attempts_before: 5 },
      { user_id: 'b', attempts_before: 0 },
    ])
  })

  it('say which of them cannot run and why, and leave nothing of it behind', async () => {
    const url = await emptyDatabase()
    await query(url, 'CREATE TABLE quarantined_messages ()')
    await expect(migrate(url)).rejects.toThrow(
      new MigrationError('migration 0001_initial.sql: relation "quarantined_messages" already exists'),
    )
    expect(await query(url, `SELECT to_regclass('tasks') AS tasks`)).toEqual([{ tasks: null }])
    await query(url, 'DROP TABLE quarantined_messages')
    expect(await migrate(url)).toEqual(ALL)
  })
})

describe('while Postgres hangs, migrations', () => {
  const timeouts = { connectMs: 300, statementMs: 200, answerMs: 300 }

  it('fail and say so when it takes the connection and then says nothing', async () => {
    const proxy = await startStallingProxy(await emptyDatabase())
    proxy.stall()
    await expect(migrate(proxy.url, timeouts)).rejects.toThrow(
      new NoAnswerError('Postgres takes connections but does not answer'),
    )
    await proxy.stop()
  })

  it('fail and say so when it stops answering while another process is waited for', async () => {
    const url = await emptyDatabase()
    const proxy = await startStallingProxy(url)
    const other = new Client({ connectionString: url })
    await other.connect()
    await other.query('SELECT pg_advisory_lock(7263001977)')
    const failure = migrate(proxy.url, timeouts).catch((error: unknown) => error)
    await expect.poll(() => proxy.connections, { timeout: 10_000 }).toBe(1)
    proxy.stall()
    expect(await failure).toBeInstanceOf(NoAnswerError)
    await other.end()
    await proxy.stop()
  })
})
