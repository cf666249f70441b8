import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  startPostgres,
  type PostgresOptions,
  type RunningPostgres,
} from '../../../../src/main/embedded/postgres/cluster.ts'
import { isServing } from '../../../../src/main/embedded/postgres/postmaster.ts'
import { copyCluster } from '../../../setup/prepared-folder.ts'
import { ask } from './client.ts'
import { launch, type LaunchedProcess } from './launched-process.ts'

/** For what takes as long as the machine is busy. */
const PATIENT = { timeout: 30_000 }
/** SQLSTATE with which the server takes leave of its clients. */
const ADMIN_SHUTDOWN = '57P01'

let dataDir: string
/** What a test that fails half-way leaves behind. */
let leftovers: (() => Promise<void>)[]

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'concept worker ü-'))
  await copyCluster(dataDir)
  leftovers = []
})

afterEach(async () => {
  for (const stop of leftovers.toReversed()) await stop()
  await rm(dataDir, { recursive: true, force: true })
})

const clusterData = () => join(dataDir, 'cluster', 'data')
const lockFile = () => join(clusterData(), 'postmaster.pid')
const serverPid = async () => Number((await readFile(lockFile(), 'utf8')).split('\n')[0])

async function start(options: Partial<PostgresOptions> = {}): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir, durable: false, ...options })
  leftovers.push(() => postgres.stop())
  return postgres
}

async function settings(url: string, names: readonly string[]): Promise<Record<string, string>> {
  const rows = await ask<{ name: string; setting: string }>(url, 'SELECT name, setting FROM pg_settings')
  return Object.fromEntries(
    rows.filter(({ name }) => names.includes(name)).map(({ name, setting }) => [name, setting]),
  )
}

async function killServer(): Promise<void> {
  const pid = await serverPid()
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => isServing(pid, clusterData()), PATIENT).toBe(false)
}

/** The shell that stops the server when its process is gone. It is in the server's session and not its child. */
async function watcherOf(server: number): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // Fields after the name in parentheses: state, parent, process group, session.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(session) === server && Number(parent) !== server && Number(pid) !== server) return Number(pid)
  }
  throw new Error(`no watcher of process ${server} is there`)
}

/** A process without relation to Postgres, of the user that runs the server. */
async function unrelatedProcess(): Promise<number> {
  const { uid, gid } = await stat(clusterData())
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e6)'], {
    cwd: '/',
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
  })
  await once(child, 'spawn')
  leftovers.push(async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child.pid as number
}

describe('the embedded Postgres', () => {
  it('is there on first use with the database that was asked for, in UTF-8', async () => {
    const { url } = await start({ dataDir: join(dataDir, 'new'), database: 'logos "1" ü' })
    const rows = await ask(
      url,
      `SELECT current_database() AS name, pg_encoding_to_char(encoding) AS encoding, lower('ÄÉ') AS lowered
       FROM pg_database WHERE datname = current_database()`,
    )
    expect(rows).toEqual([{ name: 'logos "1" ü', encoding: 'UTF8', lowered: 'äé' }])
  })

  it('listens on the loopback address alone and asks for a password that only its owner can read', async () => {
    const { url } = await start()
    const address = new URL(url)
    expect(address.hostname).toBe('127.0.0.1')
    expect(address.pathname).toBe('/concept_worker')
    expect(await settings(url, ['listen_addresses', 'unix_socket_directories'])).toEqual({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
    })
    address.password = 'another'
    await expect(ask(address.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    const { mode } = await stat(join(dataDir, 'cluster', 'password'))
    expect(mode & 0o777).toBe(0o600)
  })

  it('gives up safety for speed only where it is told to', async () => {
    const names = ['fsync', 'synchronous_commit', 'full_page_writes']
    const durable = await start({ durable: true })
    expect(await settings(durable.url, names)).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
    })
    await durable.stop()
    const fast = await start()
    expect(await settings(fast.url, names)).toEqual({
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
    })
  })

  it('keeps its data from one start to the next, and may be stopped twice', async () => {
    const first = await start()
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const pid = await serverPid()
    await Promise.all([first.stop(), first.stop()])
    await first.stop()
    expect(await isServing(pid, clusterData())).toBe(false)
    const second = await start()
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('stops although clients are still connected', async () => {
    const postgres = await start()
    const client = new Client({ connectionString: postgres.url })
    const cut = new Promise<string | undefined>((resolve) => {
      client.on('error', (error: Error & { code?: string }) => resolve(error.code))
    })
    await client.connect()
    await postgres.stop()
    expect(await cut).toBe(ADMIN_SHUTDOWN)
  })

  it('loses nothing that was committed when the server is killed', async () => {
    const first = await start({ durable: true })
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await killServer()
    const second = await start({ durable: true })
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
    await first.stop()
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('starts although a lock file names a process that is another program by now', async () => {
    const first = await start({ durable: true })
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await killServer()
    const pid = await unrelatedProcess()
    const lock = await readFile(lockFile(), 'utf8')
    await writeFile(lockFile(), lock.replace(/^\d+/, String(pid)))
    const second = await start({ durable: true })
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
    expect(process.kill(pid, 0)).toBe(true)
  })

  it('notices when the server ends by itself', async () => {
    const postgres = await start()
    process.kill(await serverPid(), 'SIGKILL')
    await expect(postgres.lost).resolves.toBeUndefined()
    await postgres.stop()
  })

  it('shows the end of its log where it cannot start, and the way to do without', async () => {
    const postgres = await start()
    await postgres.stop()
    await appendFile(join(clusterData(), 'postgresql.auto.conf'), 'no_such_setting = 1\n')
    const failure = start()
    await expect(failure).rejects.toThrow(/no_such_setting/)
    await expect(failure).rejects.toThrow(/DATABASE_URL/)
  })

  it('does not go along with a password that was changed behind its back', async () => {
    const first = await start()
    await ask(first.url, `ALTER ROLE concept_worker PASSWORD 'another'`)
    await first.stop()
    await expect(start()).rejects.toThrow(/password authentication failed/)
    await expect(serverPid()).rejects.toThrow(/ENOENT/)
  })
})

describe.skipIf(process.platform === 'win32')('a process that was killed', () => {
  let killed: LaunchedProcess
  let pid: number

  beforeEach(async () => {
    killed = await launch({ dataDir })
    leftovers.push(() => killed.stop())
    pid = await serverPid()
  })

  it('takes its server with it', async () => {
    await killed.kill()
    await expect.poll(() => isServing(pid, clusterData()), PATIENT).toBe(false)
    const log = await readFile(join(dataDir, 'server.log'), 'utf8')
    expect(log).toContain('database system is shut down')
  })

  it('leaves nothing that the next one takes for its own', async () => {
    await killed.kill()
    const next = await start()
    expect(await serverPid()).not.toBe(pid)
    expect(await isServing(pid, clusterData())).toBe(false)
    expect(await ask(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe.runIf(process.platform === 'linux')('a server whose watcher was killed', () => {
  it('counts as lost while its process lives, and is stopped by the next one when that is killed too', async () => {
    const watched = await start()
    const first = await serverPid()
    process.kill(await watcherOf(first), 'SIGKILL')
    await watched.lost
    expect(await isServing(first, clusterData())).toBe(true)
    await watched.stop()

    const killed = await launch({ dataDir })
    leftovers.push(() => killed.stop())
    const orphan = await serverPid()
    process.kill(await watcherOf(orphan), 'SIGSTOP')
    const watcher = await watcherOf(orphan)
    leftovers.push(async () => void process.kill(watcher, 'SIGCONT'))
    await killed.kill()
    const next = await start()
    expect(await isServing(orphan, clusterData())).toBe(false)
    expect(await ask(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe('the programs of the embedded Postgres', () => {
  it('do not depend on the environment of the process', async () => {
    const nowhere = join(dataDir, 'nowhere')
    const env = {
      PATH: nowhere,
      LD_LIBRARY_PATH: nowhere,
      PGDATA: nowhere,
      PGPORT: '1',
      LC_ALL: 'xx_XX',
      TZ: 'X',
    }
    const launched = await launch({ dataDir, env })
    leftovers.push(() => launched.stop())
    expect(launched.report).toHaveProperty('url')
  })
})
