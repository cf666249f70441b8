import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabasePool, inTransaction } from '../../../src/main/database/pool.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

let pool: Pool

beforeAll(async () => {
  pool = createDatabasePool((await createTestDatabase()).url, () => undefined)
})

afterAll(() => pool.end())

describe('a transaction', () => {
  it('fails when its connection breaks between two statements, and the next one has another connection', async () => {
    const broken = inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      const ended = new Promise<void>((resolve) => client.once('end', () => resolve()))
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
      await ended
      await client.query('SELECT 1')
    })
    await expect(broken).rejects.toThrow(/not queryable|terminat/)
    await expect(inTransaction(pool, (client) => client.query('SELECT 1 AS one'))).resolves.toMatchObject({
      rows: [{ one: 1 }],
    })
  })
})
