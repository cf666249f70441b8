import type { PoolClient } from 'pg'

export type RanMigration = { readonly name: string; readonly checksum: string }

const COLUMNS = ['checksum', 'name', 'ran_at']

/**
 * The list of the migrations that ran, in a table whose name no product has for one of its own. Earlier versions
 * called it `migrations`: a table of that name is taken over if it is ours, and left alone if it is not.
 *
 * Not safe beside itself: the caller holds the lock.
 */
export class MigrationList {
  readonly #client: PoolClient

  constructor(client: PoolClient) {
    this.#client = client
  }

  /** What ran, once the table is there. */
  async read(): Promise<RanMigration[]> {
    if (!(await this.#exists('concept_worker_migrations'))) await this.#create()
    const { rows } = await this.#client.query<RanMigration>(
      'SELECT name, checksum FROM concept_worker_migrations',
    )
    return rows
  }

  /** In the transaction of the migration itself. */
  async add({ name, checksum }: RanMigration): Promise<void> {
    await this.#client.query('INSERT INTO concept_worker_migrations (name, checksum) VALUES ($1, $2)', [
      name,
      checksum,
    ])
  }

  async #create(): Promise<void> {
    const takeOver = (await this.#isOurs('migrations'))
      ? 'INSERT INTO concept_worker_migrations SELECT name, checksum, ran_at FROM migrations; DROP TABLE migrations;'
      : ''
    // Several statements in one query are one transaction.
    await this.#client.query(
      `CREATE TABLE concept_worker_migrations (
         name text PRIMARY KEY, checksum text NOT NULL, ran_at timestamptz NOT NULL DEFAULT now());
       ${takeOver}`,
    )
  }

  async #exists(table: string): Promise<boolean> {
    const { rows } = await this.#client.query<{ found: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS found',
      [table],
    )
    return rows[0]?.found ?? false
  }

  /** Whether a table has exactly the columns of our list, and our first migration in it. */
  async #isOurs(table: string): Promise<boolean> {
    const { rows } = await this.#client.query<{ column: string }>(
      `SELECT attname AS column FROM pg_attribute
       WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attname`,
      [table],
    )
    if (rows.map(({ column }) => column).join() !== COLUMNS.join()) return false
    const { rowCount } = await this.#client.query(
      `SELECT FROM migrations WHERE name = '0001_initial.sql' AND checksum ~ '^[0-9a-f]{64}$'`,
    )
    return rowCount === 1
  }
}
