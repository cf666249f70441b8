import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabasePool, inTransaction } from '../../../src/main/database/pool.ts'
import { isPostgresReady } from '../../../src/main/database/readiness.ts'
import { startStallingProxy, type StallingProxy } from '../../setup/stalling-proxy.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const TIMEOUTS = { connectMs: 300, statementMs: 200, answerMs: 300 }

let proxy: StallingProxy
let pool: Pool

beforeEach(async () => {
  const { url } = await createTestDatabase()
  proxy = await startStallingProxy(url)
  pool = createDatabasePool(proxy.url, () => undefined, TIMEOUTS)
})

afterEach(async () => {
  await pool.end()
  await proxy.stop()
})

const one = async () => (await pool.query<{ one: number }>('SELECT 1 AS one')).rows[0]?.one

describe('while Postgres hangs', () => {
  it('a query fails, and a later one does not get its connection', async () => {
    expect(await one()).toBe(1)
    expect(proxy.connections).toBe(1)
    proxy.stallOpen()
    await expect(one()).rejects.toThrow('timeout')
    expect(await one()).toBe(1)
    expect(proxy.connections).toBe(2)
  })

  it('a query fails when no connection can be made either', async () => {
    proxy.stall()
    await expect(one()).rejects.toThrow('timeout')
    proxy.resume()
    // The timeouts of this test are so short that a busy machine may need another try.
    await expect.poll(one, { timeout: 10_000 }).toBe(1)
  })

  it('a transaction fails, and leaves no lock behind', async () => {
    await pool.query('CREATE TABLE counters AS SELECT 0 AS value')
    const hung = inTransaction(pool, async (client) => {
      await client.query('UPDATE counters SET value = 1')
      proxy.stallOpen()
      await client.query('UPDATE counters SET value = 2')
    })
    await expect(hung).rejects.toThrow('timeout')
    // The hung connection is cut, and its locks go with it.
    const after = () =>
      pool.query<{ value: number }>('UPDATE counters SET value = value + 10 RETURNING value')
    await expect
      .poll(async () => after().then(({ rows }) => rows, String), { timeout: 10_000 })
      .toEqual([{ value: 10 }])
  })

  it('the worker is not ready', async () => {
    expect(await isPostgresReady(pool)).toBe(true)
    proxy.stall()
    expect(await isPostgresReady(pool)).toBe(false)
    proxy.resume()
    await expect.poll(() => isPostgresReady(pool), { timeout: 10_000 }).toBe(true)
  })
})

describe('a transaction', () => {
  it('that Postgres refuses is rolled back, and its connection used again', async () => {
    await pool.query('CREATE TABLE counters AS SELECT 0 AS value')
    const refused = inTransaction(pool, async (client) => {
      await client.query('UPDATE counters SET value = 1')
      await client.query('SELECT 1 / 0')
    })
    await expect(refused).rejects.toMatchObject({ code: '22012' })
    const { rows } = await pool.query('SELECT value FROM counters')
    expect(rows).toEqual([{ value: 0 }])
    expect(proxy.connections).toBe(1)
  })

  it('whose connection is cut between two statements fails, and the process lives on', async () => {
    const cut = inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      const ended = new Promise((resolve) => client.once('end', resolve))
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
      await ended
      await client.query('SELECT 1')
    })
    await expect(cut).rejects.toThrow('not queryable')
    expect(await one()).toBe(1)
  })
})
