import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { Config } from '../config/config.ts'
import { checkDatabase } from '../database/database-access.ts'
import { createDatabasePool } from '../database/pool.ts'
import type { StandIn } from '../embedded/stand-in.ts'
import { openEndpoints, type Endpoints } from '../endpoints.ts'
import { CommandError, EXIT } from './exit-codes.ts'

/** Does some work on the database that a worker has used; makes none where there is none. */
export async function withExistingDatabase<T>(
  config: Config,
  needed: readonly StandIn[],
  work: (pool: Pool, endpoints: Endpoints) => Promise<T>,
): Promise<T> {
  await checkDataFolder(config)
  await checkDatabase(config)
  const endpoints = await openEndpoints(config, needed)
  try {
    const pool = createDatabasePool(endpoints.databaseUrl, () => undefined)
    try {
      return await work(pool, endpoints)
    } finally {
      await pool.end()
    }
  } finally {
    await endpoints.stop()
  }
}

const UNDEFINED_TABLE = '42P01'
const UNDEFINED_COLUMN = '42703'

/** Gives the error of a database that has not seen this version of the worker in words. */
export function namingOldSchema<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: Error & { code?: string }) => {
    if (error.code !== UNDEFINED_TABLE && error.code !== UNDEFINED_COLUMN) throw error
    throw new CommandError(
      'the database does not have the tables of this version: run "migrate", or start a worker',
      EXIT.unavailable,
      { cause: error },
    )
  })
}

/** To look for something is no reason to make a database. */
async function checkDataFolder({ database, dataDir }: Config): Promise<void> {
  if (database.url !== null) return
  await access(join(dataDir, 'postgres')).catch((error: unknown) => {
    throw new CommandError(
      `no worker with an embedded database has run on ${dataDir}: go to the folder where one has, or set DATA_DIR ` +
        'or DATABASE_URL',
      EXIT.unavailable,
      { cause: error },
    )
  })
}
