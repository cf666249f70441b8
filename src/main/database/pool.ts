import { DatabaseError, Pool, type PoolClient, type QueryConfig } from 'pg'

/** Connections of one worker: enough for its statements at once, few enough for hundreds of workers. */
export const CONNECTIONS: PoolSize = { max: 8, min: 0 }
/**
 * Beside these, for the renewal of leases alone: one that is kept, because making one may take as long as a short
 * lease, and another where that hangs.
 */
export const LEASE_CONNECTIONS: PoolSize = { max: 2, min: 1 }
/** A peer that vanished without a word is found out by probes of an otherwise silent connection. */
const KEEP_ALIVE_AFTER_MS = 10_000

/**
 * Every statement of ours finds a few rows by a key. Without these settings one that is planned while its table is
 * nearly empty, as that of a new database is, reads the whole table, and goes on so for a while when that has grown;
 * and one whose cost is misjudged is compiled first.
 */
const PLANNING = 'SET enable_seqscan = off; SET jit = off'

export type PoolSize = {
  readonly max: number
  /** Of the connections that were made, so many stay open when nobody needs them. */
  readonly min: number
}

export type DatabaseTimeouts = {
  /** For a new connection, or for one of the pool's to become free. */
  readonly connectMs: number
  /** After which the server itself ends a statement, or a transaction whose client says nothing more. */
  readonly statementMs: number
  /** After which an answer is no longer waited for; above `statementMs`, so that a server that lives has its say. */
  readonly answerMs: number
}

/** No statement of ours takes long; one that does is stuck behind a lock or a sick server. */
export const DATABASE_TIMEOUTS: DatabaseTimeouts = { connectMs: 5_000, statementMs: 15_000, answerMs: 18_000 }

/** A query with a bound of its own in place of the pool's: the driver takes it, though its types do not tell. */
export type BoundedQuery = QueryConfig & {
  /** Milliseconds. */
  readonly query_timeout: number
}

/** Postgres keeps no more of a connection's name. */
const MAX_NAME_CHARACTERS = 63

/**
 * The worker's connection pool. Every query ends in bounded time, also where the server takes the connection and
 * then says nothing: at the latest after twice `connectMs` and `answerMs` together, and then its connection is closed and
 * never used again. An idle connection that breaks is replaced by the next query, so its error only reaches
 * `onIdleError` for the log; nor does an idle connection keep the process alive. `name` is what `pg_stat_activity`
 * shows, of a long one the end.
 */
export function createDatabasePool(
  databaseUrl: string,
  onIdleError: (error: Error) => void,
  timeouts = DATABASE_TIMEOUTS,
  size = CONNECTIONS,
  name = 'concept-worker',
): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    ...size,
    connectionTimeoutMillis: timeouts.connectMs,
    query_timeout: timeouts.answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    allowExitOnIdle: true,
    application_name: name.slice(-MAX_NAME_CHARACTERS),
    // Said once a connection stands: a connection pooler refuses one that asks for more than a name at its start.
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, though its types do not tell
    onConnect: async (client) => {
      const settings: BoundedQuery = {
        text: `${PLANNING}; ${serverBounds(timeouts)}`,
        query_timeout: timeouts.connectMs,
      }
      await client.query(settings)
    },
  })
  pool.on('error', onIdleError)
  // A connection that breaks tells its queries, or the line above where it is idle. In the moments between, when it is
  // handed from one to the other, nobody listens, and the event would take the process along.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** A worker that vanishes in the middle of a transaction must not hold its locks for hours either. */
function serverBounds({ statementMs }: DatabaseTimeouts): string {
  return `SET statement_timeout = ${statementMs}; SET idle_in_transaction_session_timeout = ${statementMs}`
}

/** Runs `work` in one transaction on one connection; an error rolls it back and is thrown on. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    broken = await rollBack(client, error)
    throw error
  } finally {
    client.release(broken)
  }
}

/**
 * Answers why the connection cannot be used again, if it cannot. Only a server that answered is asked to roll back;
 * otherwise the connection is closed, and the server rolls back on its own.
 */
async function rollBack(client: PoolClient, error: unknown): Promise<Error | undefined> {
  if (!(error instanceof DatabaseError)) return asError(error)
  try {
    await client.query('ROLLBACK')
    return undefined
  } catch (rollbackError) {
    return asError(rollbackError)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the transaction failed', { cause: error })
}
