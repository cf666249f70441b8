import { describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

describe('a connection of the pool', () => {
  it('that breaks while it is handed from one query to the next takes nothing along', async () => {
    const pool = createDatabasePool((await createTestDatabase()).url, () => undefined)
    const client = await pool.connect()
    // As the driver tells of a server that has ended; an event that nobody listens to would be thrown here.
    expect(client.emit('error', new Error('terminating connection'))).toBe(true)
    client.release(true)
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await pool.end()
  })
})
