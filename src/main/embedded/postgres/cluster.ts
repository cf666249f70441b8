import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, escapeIdentifier } from 'pg'
import { findBinaries, type Binaries } from './binaries.ts'
import { SUPERUSER, dataPath, openDataFolder, openHome, type DataFolder } from './data-folder.ts'
import { EmbeddedPostgresError, lastLines, reasonOf } from './failure.ts'
import { folderMark, stopOrphan, untilReady } from './postmaster.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { serverUser, type ServerUser } from './server-user.ts'

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
  /** Resolves when the server has ended, asked to or not, or when it would no longer end with this process. */
  readonly lost: Promise<void>
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

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=64MB',
  // In files of its own folder: what a killed server leaves goes with that, and does not fill the machine's memory.
  'dynamic_shared_memory_type=mmap',
  // The log is never rotated, so it gets no line for what is normal.
  'log_checkpoints=off',
]
const NOT_DURABLE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/**
 * Starts a Postgres server of our own on the folder, on a free port of the loopback address. It ends with this
 * process, however that ends. Nobody else may use the folder: a server that runs there counts as an orphan, and is
 * stopped first. Throws an EmbeddedPostgresError where starting is not possible.
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
  const { server, port } = await launchServer({ home, data, binaries, user }, durable)
  const urlOf = (name: string) =>
    `postgresql://${SUPERUSER}:${data.password}@127.0.0.1:${port}/${encodeURIComponent(name)}`
  try {
    await ensureDatabase(urlOf('postgres'), database)
  } catch (error) {
    await server.stop()
    throw new EmbeddedPostgresError(
      `the embedded Postgres on ${home} runs, but its database cannot be used: ${reasonOf(error)}`,
      { cause: error },
    )
  }
  let stopped: Promise<void> | undefined
  return {
    url: urlOf(database),
    lost: server.lost,
    stop: () => (stopped ??= server.stop()),
  }
}

/** A launch can fail for reasons that pass: another program took the port, a killed server's last processes linger. */
async function launchServer(
  cluster: Cluster,
  durable: boolean,
): Promise<{ server: ServerProcess; port: number }> {
  const { path } = cluster.data
  for (let launches = 1; ; launches++) {
    await stopOrphan(path)
    const { server, log, logStart } = await launch(cluster, durable)
    try {
      const postmaster = await untilReady(server.pid, path)
      if (postmaster) return { server, port: postmaster.port }
    } catch (error) {
      await server.stop()
      throw error
    }
    if (launches === MAX_LAUNCHES) {
      const output = (await readFile(log)).subarray(logStart).toString()
      throw new EmbeddedPostgresError(
        `the embedded Postgres did not start; the end of ${log}:\n${lastLines(output)}`,
      )
    }
    await delay(RELAUNCH_DELAY_MS)
  }
}

type Launch = { readonly server: ServerProcess; readonly log: string; readonly logStart: number }

async function launch({ home, data, binaries, user }: Cluster, durable: boolean): Promise<Launch> {
  const settings = [folderMark(data.path), ...SETTINGS, ...(durable ? [] : NOT_DURABLE)]
  const port = await freePort()
  const log = join(home, LOG_FILE)
  const file = await open(log, 'a', 0o600)
  try {
    const { size: logStart } = await file.stat()
    const args = ['-D', data.argument, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
    const server = await startServerProcess({ binaries, args, user, cwd: data.path, logFd: file.fd })
    return { server, log, logStart }
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
  } finally {
    await client.end()
  }
}
