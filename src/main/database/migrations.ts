import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { Client } from 'pg'

/** Plain SQL files, run in the order of their names, each in one transaction with its entry in the list. */
const MIGRATIONS = new URL('../../../migrations/', import.meta.url)

/** Any number that no other program locks in the same database; it keeps two starters apart. */
const LOCK_KEY = 7_263_001_977

/** A migration that ran already has another text now, or one that ran is missing here. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/**
 * Brings the database to the newest schema and returns the names of the files that ran now. Any number of
 * processes may call it at once: the others wait, then find nothing left to do.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).toSorted()
  const client = new Client({ connectionString: databaseUrl })
  // A connection that breaks rejects the next query; without a listener the event would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY])
    await client.query(
      `CREATE TABLE IF NOT EXISTS migrations (
         name text PRIMARY KEY, checksum text NOT NULL, ran_at timestamptz NOT NULL DEFAULT now())`,
    )
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'SELECT name, checksum FROM migrations',
    )
    const checksums = new Map(rows.map((row) => [row.name, row.checksum]))
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
      await runMigration(client, name, sql, checksum)
      ran.push(name)
    }
    return ran
  } finally {
    // The lock goes with the session.
    await client.end()
  }
}

async function runMigration(client: Client, name: string, sql: string, checksum: string): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query('INSERT INTO migrations (name, checksum) VALUES ($1, $2)', [name, checksum])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
