import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { makeFirstConnection } from '../../../src/main/database/database-access.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'

describe('the first connection of a worker that starts', () => {
  it('names DATABASE_URL where Postgres hangs up, as what may be there later', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end()))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const url = `postgresql://user:canary-secret@127.0.0.1:${port}/concepts`
    const pool = createDatabasePool(url, () => undefined)
    const failure: unknown = await makeFirstConnection(pool, loadConfig({ DATABASE_URL: url })).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ name: 'UnusableSetting', kind: 'unreachable' })
    expect(String(failure)).toContain('DATABASE_URL=')
    expect(String(failure)).not.toContain('canary-secret')
    await pool.end()
    server.close()
  })
})
