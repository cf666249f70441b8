import { Client, DatabaseError, type Pool } from 'pg'
import type { Config } from '../config/config.ts'
import { withoutCredentials } from '../config/disclosure.ts'
import { isUnreachable, UnusableSetting, type Unusable } from '../config/unusable-setting.ts'
import { nameNoAnswer } from './failure.ts'
import { isAway } from './insistence.ts'
import { migrate, MigrationError } from './migrations.ts'

const CONNECT_TIMEOUT_MS = 10_000
const FORM = 'postgresql://USER:PASSWORD@HOST:PORT/DATABASE'

/** SQLSTATE codes that only another environment can mend, with what is expected of it. */
const WRONG: Readonly<Record<string, string>> = {
  '28P01': `Postgres refuses the user or the password; expected ${FORM}`,
  '28000': `Postgres does not let the user in; expected ${FORM} with a role that may log in from here`,
  '3D000': `there is no such database; expected ${FORM} with one that exists`,
  '42501': 'the user lacks a privilege; expected one that may create and change the tables',
}

/**
 * Connects once, before anything depends on it. Throws an {@link UnusableSetting} that says what is wrong with
 * DATABASE_URL; an embedded Postgres has shown already that it works.
 */
export async function checkDatabase({ database: { url } }: Config): Promise<void> {
  if (url === null) return
  let client: Client | undefined
  try {
    client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
    // A connection that breaks rejects the call too; without a listener the event would end the process.
    client.on('error', () => undefined)
    await client.connect()
  } catch (error) {
    // What the driver cannot even begin with will not come right by itself.
    throw refusal(error, url) ?? noConnection(error, url, client === undefined ? 'wrong' : 'unreachable')
  } finally {
    // Also after a failure: a server that waits for a password would keep the process alive.
    await client?.end()
  }
}

/** Brings the database to the newest schema, and answers the names of the migrations that ran now. */
export async function prepareDatabase(config: Config, databaseUrl: string): Promise<string[]> {
  await checkDatabase(config)
  return migrate(databaseUrl).catch((error: unknown) => {
    if (config.database.url === null) throw error
    const cause = error instanceof MigrationError ? error.cause : error
    if (isAway(cause)) throw noConnection(cause, databaseUrl, 'unreachable')
    throw refusal(cause, databaseUrl) ?? error
  })
}

/**
 * Makes a connection before it is needed. Throws an {@link UnusableSetting} where Postgres has gone away since it was
 * checked.
 */
export async function makeFirstConnection(pool: Pool, { database: { url } }: Config): Promise<void> {
  try {
    await pool.query('SELECT 1')
  } catch (error) {
    const named = nameNoAnswer(error)
    if (url === null || !(isAway(named) || isUnreachable(named))) throw named
    throw noConnection(named, url, 'unreachable')
  }
}

const setting = (url: string) => `DATABASE_URL=${withoutCredentials(url)}`

function refusal(error: unknown, url: string): UnusableSetting | undefined {
  const problem = error instanceof DatabaseError ? WRONG[error.code ?? ''] : undefined
  return problem === undefined
    ? undefined
    : new UnusableSetting(setting(url), problem, 'wrong', { cause: error })
}

function noConnection(error: unknown, url: string, kind: Unusable): UnusableSetting {
  const problem = `no connection to Postgres comes about (${reasonOf(error)}); expected ${FORM} of a running server`
  return new UnusableSetting(setting(url), problem, kind, { cause: error })
}

/** The first line of what the driver says; of a connection tried on several addresses it is one level down. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  const message = error instanceof Error ? error.message || error.name : String(error)
  return message.split('\n', 1)[0] ?? ''
}
