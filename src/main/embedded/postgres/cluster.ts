import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, DatabaseError, escapeIdentifier } from 'pg'
import { findBinaries, type Binaries } from './binaries.ts'
import { SUPERUSER, dataPath, openDataFolder, openHome, type DataFolder } from './data-folder.ts'
import { EmbeddedPostgresError, lastLines, reasonOf } from './failure.ts'
import { findPostmaster, folderMark, isServing, untilReady, type Postmaster } from './postmaster.ts'
import { SERVER_ENVIRONMENT, serverUser, type ServerUser } from './server-user.ts'

export type PostgresOptions = {
  /** The launcher's own folder: data, password and log; made where it is missing. */
  readonly dataDir: string
  /** False for a throw-away cluster: faster, but a crash of the machine destroys it. */
  readonly durable: boolean
  /** Made where it is missing. */
  readonly database?: string
}

export type RunningPostgres = {
  /** `postgresql://USER:PASSWORD@127.0.0.1:PORT/DATABASE`, as a superuser. */
  readonly url: string
  /**
   * Cuts the clients off, writes everything to disk and ends the server. Resolves when it is gone, also where it
   * was gone already. A second call waits for the first.
   */
  stop(): Promise<void>
}

type Cluster = {
  readonly home: string
  readonly data: DataFolder
  readonly binaries: Binaries
  readonly user: ServerUser | null
}

const LOG_FILE = 'server.log'
const MAX_LAUNCHES = 10
const RELAUNCH_DELAY_MS = 100
const CONNECT_TIMEOUT_MS = 10_000
const STOP_TIMEOUT_MS = 60_000
const POLL_MS = 10

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=64MB',
  // The log is never rotated, so it gets no line for what is normal.
  'log_checkpoints=off',
]
const NOT_DURABLE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** SQLSTATE codes of the two ways in which a second CREATE DATABASE fails. */
const DATABASE_EXISTS: readonly (string | undefined)[] = ['42P04', '23505']

/**
 * Starts a Postgres server of our own on the folder, on a free port of the loopback address; one that a killed
 * process left running there is adopted, as it is. Throws an EmbeddedPostgresError where that is not possible.
 */
export async function startPostgres({
  dataDir,
  durable,
  database = 'concept_worker',
}: PostgresOptions): Promise<RunningPostgres> {
  const home = await openHome(dataDir)
  const user = await serverUser(dataPath(home))
  const binaries = await findBinaries(home, user)
  const data = await openDataFolder(home, binaries, user, durable)
  const cluster: Cluster = { home, data, binaries, user }
  const { postmaster, adopted } = await ensurePostmaster(cluster, durable)
  const urlOf = (name: string) =>
    `postgresql://${SUPERUSER}:${data.password}@127.0.0.1:${postmaster.port}/${encodeURIComponent(name)}`
  try {
    await ensureDatabase(urlOf('postgres'), database)
  } catch (error) {
    if (!adopted) await stopServer(postmaster.pid, data.path)
    throw new EmbeddedPostgresError(
      `the embedded Postgres on ${home} runs, but its database cannot be used: ${reasonOf(error)}`,
      { cause: error },
    )
  }
  let stopped: Promise<void> | undefined
  return { url: urlOf(database), stop: () => (stopped ??= stopServer(postmaster.pid, data.path)) }
}

/**
 * A launch can fail for reasons that pass: another program took the port, another process started a server on
 * the folder at the same time (which is adopted then), a killed server's last processes are still there.
 */
async function ensurePostmaster(
  cluster: Cluster,
  durable: boolean,
): Promise<{ postmaster: Postmaster; adopted: boolean }> {
  const { path } = cluster.data
  for (let launches = 0; ;) {
    const found = await findPostmaster(path)
    if (found) {
      const postmaster = await untilReady(found.pid, path)
      if (postmaster) return { postmaster, adopted: true }
      continue
    }
    const launch = await launchServer(cluster, durable)
    try {
      const postmaster = await untilReady(launch.pid, path)
      if (postmaster) return { postmaster, adopted: false }
    } catch (error) {
      await stopServer(launch.pid, path)
      throw error
    }
    launches += 1
    if (launches === MAX_LAUNCHES) {
      const log = (await readFile(launch.log)).subarray(launch.logStart).toString()
      throw new EmbeddedPostgresError(
        `the embedded Postgres did not start; the end of ${launch.log}:\n${lastLines(log)}`,
      )
    }
    await delay(RELAUNCH_DELAY_MS)
  }
}

type Launch = { readonly pid: number; readonly log: string; readonly logStart: number }

async function launchServer({ home, data, binaries, user }: Cluster, durable: boolean): Promise<Launch> {
  const settings = [folderMark(data.path), ...SETTINGS, ...(durable ? [] : NOT_DURABLE)]
  const port = await freePort()
  const log = join(home, LOG_FILE)
  const file = await open(log, 'a', 0o600)
  try {
    const { size: logStart } = await file.stat()
    const child = spawn(
      binaries.postgres,
      ['-D', data.argument, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      {
        ...user,
        cwd: data.path,
        env: SERVER_ENVIRONMENT,
        // A process group of its own: a Ctrl-C meant for the worker must not end it before the worker is done.
        detached: true,
        stdio: ['ignore', file.fd, file.fd],
      },
    )
    await once(child, 'spawn')
    child.unref()
    return { pid: child.pid as number, log, logStart }
  } catch (error) {
    throw new EmbeddedPostgresError(`the embedded Postgres could not be started: ${reasonOf(error)}`, {
      cause: error,
    })
  } finally {
    await file.close()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Connects, which proves that the server is ours, and makes the database where it is missing. */
async function ensureDatabase(url: string, database: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  // A connection that breaks rejects the query too; without a listener the event would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(database)}`)
  } catch (error) {
    // Another process may have made it first.
    if (!(error instanceof DatabaseError && DATABASE_EXISTS.includes(error.code))) throw error
  } finally {
    await client.end()
  }
}

/** Postgres calls it a fast shutdown. Nothing here but the server itself takes part, so Ctrl-C cannot cut it short. */
async function stopServer(pid: number, data: string): Promise<void> {
  const deadlineMs = performance.now() + STOP_TIMEOUT_MS
  if (await isServing(pid, data)) process.kill(pid, 'SIGINT')
  while (await isServing(pid, data)) {
    if (performance.now() > deadlineMs) {
      throw new EmbeddedPostgresError(
        `the embedded Postgres (process ${pid}) on ${data} did not stop within ${STOP_TIMEOUT_MS / 1000} s`,
      )
    }
    await delay(POLL_MS)
  }
}
