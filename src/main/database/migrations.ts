import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseError, type PoolClient } from 'pg'
import { nameNoAnswer } from './failure.ts'
import { MigrationList } from './migration-list.ts'
import { createDatabasePool, DATABASE_TIMEOUTS, type BoundedQuery } from './pool.ts'

/** Plain SQL files, run in the order of their names, each in one transaction with its entry in the list. */
const MIGRATIONS = new URL('../../../migrations/', import.meta.url)

/** Any number that no other program locks in the same database; it keeps two starters apart. */
export const LOCK_KEY = 7_263_001_977
const LOCK_POLL_MS = 100
const LOCK_WAIT_MS = 120_000
/** An index on a table with many rows takes its time. */
const MIGRATION_MS = 600_000

/**
 * A migration that ran already has another text now, one that ran is missing here, one cannot run, or another process
 * does not come to an end with its own.
 */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/**
 * Brings the database to the newest schema and returns the names of the files that ran now. Any number of
 * processes may call it at once: the others wait, then find nothing left to do. It ends in bounded time also where
 * Postgres hangs, with a `NoAnswerError`.
 */
export async function migrate(databaseUrl: string, timeouts = DATABASE_TIMEOUTS): Promise<string[]> {
  const pool = createDatabasePool(databaseUrl, () => undefined, timeouts)
  try {
    const client = await pool.connect()
    try {
      await lock(client)
      return await runMissing(client)
    } finally {
      // The lock goes with the session.
      client.release(true)
    }
  } catch (error) {
    throw nameNoAnswer(error)
  } finally {
    await pool.end()
  }
}

/** Asks again and again rather than once and for all: whether Postgres still answers shows on the way. */
async function lock(client: PoolClient): Promise<void> {
  const giveUpAtMs = performance.now() + LOCK_WAIT_MS
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      LOCK_KEY,
    ])
    if (rows[0]?.locked) return
    if (performance.now() > giveUpAtMs) {
      throw new MigrationError(
        `another process has been migrating the database for ${LOCK_WAIT_MS / 1_000} s`,
      )
    }
    await delay(LOCK_POLL_MS)
  }
}

async function runMissing(client: PoolClient): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).toSorted()
  const list = new MigrationList(client)
  const checksums = new Map((await list.read()).map(({ name, checksum }) => [name, checksum]))
  for (const name of checksums.keys()) {
    if (!files.includes(name)) {
      throw new MigrationError(`the database is newer than this worker: it has migration ${name}`)
    }
  }
  const ran: string[] = []
  for (const name of files) {
    const sql = await readFile(new URL(name, MIGRATIONS), 'utf8')
    const checksum = createHash('sha256').update(sql).digest('hex')
    const known = checksums.get(name)
    if (known === checksum) continue
    if (known !== undefined) throw new MigrationError(`migration ${name} changed after it ran`)
    await runMigration(client, list, { name, checksum, sql })
    ran.push(name)
  }
  return ran
}

async function runMigration(
  client: PoolClient,
  list: MigrationList,
  { name, checksum, sql }: { name: string; checksum: string; sql: string },
): Promise<void> {
  // An error closes the connection, and so rolls back.
  await client.query('BEGIN')
  await client.query(`SET LOCAL statement_timeout = ${MIGRATION_MS}`)
  const query: BoundedQuery = { text: sql, query_timeout: MIGRATION_MS }
  try {
    await client.query(query)
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    throw new MigrationError(`migration ${name}: ${error.message}`, { cause: error })
  }
  await list.add({ name, checksum })
  await client.query('COMMIT')
}
