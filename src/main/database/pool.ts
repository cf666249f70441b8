import { Pool, type PoolClient } from 'pg'

/** Connections of one worker: enough for its statements at once, few enough for hundreds of workers. */
const MAX_CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 5_000
/** No statement of ours takes long; one that does is stuck behind a lock or a sick server. */
const STATEMENT_TIMEOUT_MS = 15_000

/**
 * The worker's connection pool. An idle connection that breaks is replaced by the next query, so its error
 * only reaches `onIdleError` for the log.
 */
export function createDatabasePool(databaseUrl: string, onIdleError: (error: Error) => void): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'concept-worker',
  })
  pool.on('error', onIdleError)
  return pool
}

/** Runs `work` in one transaction on one connection; an error rolls it back and is thrown on. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // A connection that breaks between two queries rejects the next one; without a listener it would end the process.
  const onError = (error: Error) => (broken = error)
  client.on('error', onError)
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      // The connection itself is gone; the server rolls back on its own.
      broken = rollbackError
    })
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}
