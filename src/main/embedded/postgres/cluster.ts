import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { open, readFile, rename, rm, stat, writeFile, chown } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, escapeIdentifier } from 'pg'
import { EmbeddedPostgresError, locateBinaries, serverUser, type ServerUser } from './binaries.ts'
import { clusterFolder } from './folder.ts'

export type PostgresOptions = {
  /** Absolute path; made where it is missing. Root may get another folder, see {@link clusterFolder}. */
  readonly dataDir: string
  /** False for throw-away clusters: faster, and not safe against a crash of the machine. */
  readonly durable: boolean
  /** Made where it is missing. */
  readonly database?: string
}

export type RunningPostgres = {
  /** `postgresql://USER:PASSWORD@127.0.0.1:PORT/DATABASE` */
  readonly url: string
  /** Fast shutdown: clients are cut off, nothing committed is lost. A second call waits for the first. */
  stop(): Promise<void>
}

type Server = { readonly pid: number; readonly port: number; readonly child: ChildProcess | null }

const USER = 'concept_worker'
const START_TIMEOUT_MS = 30_000
const ADOPT_TIMEOUT_MS = 3_000
const POLL_MS = 20
const PORT_ATTEMPTS = 5
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=64MB',
]
const NOT_DURABLE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/**
 * Starts a Postgres server on a folder, or adopts the one that a killed process left running there. It listens
 * on a free port of the loopback address and asks for a password that stands in the folder.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const user = serverUser()
  const folder = await clusterFolder(options.dataDir, user)
  const binDir = await locateBinaries(user)
  const cluster = join(folder, 'cluster')
  const password = await ensureCluster(binDir, folder, cluster, user)
  const server =
    (await runningServer(cluster, password)) ??
    (await startServer(binDir, folder, cluster, password, user, options.durable))
  const database = options.database ?? USER
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= stopServer(server))
  try {
    await ensureDatabase(urlOf(server.port, password, 'postgres'), database)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: urlOf(server.port, password, database), stop }
}

/** Makes the cluster on first use, beside its place and renamed into it; answers its password. */
async function ensureCluster(
  binDir: string,
  folder: string,
  cluster: string,
  user: ServerUser,
): Promise<string> {
  const passwordFile = join(folder, 'password')
  if (await stat(cluster).catch(() => null)) return readFile(passwordFile, 'utf8')
  const password = randomBytes(24).toString('base64url')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (user.uid !== undefined && user.gid !== undefined) await chown(passwordFile, user.uid, user.gid)
  const partial = `${cluster}.${process.pid}`
  const initdb = spawn(
    join(binDir, 'initdb'),
    [
      ...['--pgdata', partial, '--username', USER, '--auth', 'scram-sha-256', '--pwfile', passwordFile],
      // The server's own locale: the same everywhere, whatever the system has installed.
      ...[
        '--encoding',
        'UTF8',
        '--locale',
        'C',
        '--locale-provider',
        'builtin',
        '--builtin-locale',
        'C.UTF-8',
      ],
      // A new cluster holds nothing yet; the server itself syncs all that matters from its first checkpoint on.
      ...['--no-sync', '--no-instructions'],
    ],
    { ...user, cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let output = ''
  initdb.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = (await once(initdb, 'close')) as [number | null]
  if (code !== 0) {
    await rm(partial, { recursive: true, force: true })
    const nameless = output.includes('could not look up effective user')
    throw new EmbeddedPostgresError(
      nameless
        ? 'the embedded Postgres needs a user with an entry in /etc/passwd: run as one, or set DATABASE_URL'
        : `the embedded Postgres could not make its cluster: ${output.trim() || `initdb ended with ${code}`}`,
    )
  }
  await rename(partial, cluster)
  return password
}

/** The server that runs on the cluster now, whoever started it. */
async function runningServer(cluster: string, password: string): Promise<Server | null> {
  const lines = await readFile(join(cluster, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  )
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!(pid > 0) || !(port > 0)) return null
  const untilMs = performance.now() + ADOPT_TIMEOUT_MS
  // The file may be stale, and its pid another program's by now: only our password proves that it is ours.
  while (isAlive(pid) && performance.now() < untilMs) {
    if (await accepts(urlOf(port, password, 'postgres'))) return { pid, port, child: null }
    await delay(POLL_MS)
  }
  return null
}

/** Tries another port where the free one was taken in the meantime. */
async function startServer(
  binDir: string,
  folder: string,
  cluster: string,
  password: string,
  user: ServerUser,
  durable: boolean,
): Promise<Server> {
  const logPath = join(folder, 'server.log')
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const log = await open(logPath, 'w', 0o600)
    const settings = [...SETTINGS, ...(durable ? [] : NOT_DURABLE)].flatMap((setting) => ['-c', setting])
    // A process group of its own, so that a Ctrl-C meant for the worker does not end it.
    const child = spawn(join(binDir, 'postgres'), ['-D', cluster, '-p', String(port), ...settings], {
      ...user,
      cwd: folder,
      env: {},
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    await log.close()
    if (child.pid !== undefined && (await becomesReady(urlOf(port, password, 'postgres'), child))) {
      child.unref()
      return { pid: child.pid, port, child }
    }
    child.kill('SIGQUIT')
    await exited
    const output = (await readFile(logPath, 'utf8').catch(() => '')).trim()
    if (attempt === PORT_ATTEMPTS || !/address already in use/i.test(output)) {
      const lastLines = output.split('\n').slice(-5).join('\n')
      throw new EmbeddedPostgresError(`the embedded Postgres did not start:\n${lastLines}`)
    }
  }
}

async function becomesReady(url: string, child: ChildProcess): Promise<boolean> {
  const untilMs = performance.now() + START_TIMEOUT_MS
  while (child.exitCode === null && child.signalCode === null && performance.now() < untilMs) {
    if (await accepts(url)) return true
    await delay(POLL_MS)
  }
  return false
}

async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function ensureDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(database)}`)
  } finally {
    await client.end()
  }
}

async function stopServer({ pid, child }: Server): Promise<void> {
  if (!isAlive(pid)) return
  process.kill(pid, 'SIGINT')
  if (child && child.exitCode === null && child.signalCode === null) {
    child.ref()
    await once(child, 'exit')
    return
  }
  // An adopted server is nobody's child here: no event tells of its end.
  while (isAlive(pid)) await delay(POLL_MS)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
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

function urlOf(port: number, password: string, database: string): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
}
