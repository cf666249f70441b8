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
import { ask } from './client.ts'
import { launch, type LaunchedProcess } from './launched-process.ts'

/** SQLSTATE with which the server takes leave of its clients. */
const ADMIN_SHUTDOWN = '57P01'

let dataDir: string
/** What a test that fails half-way leaves behind. */
let leftovers: (() => Promise<void>)[]

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'concept worker ü-'))
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
  await expect.poll(() => isServing(pid, clusterData())).toBe(false)
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
    const { url } = await start({ database: 'logos "1" ü' })
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

  it('is one server where two start it on a fresh folder at once', async () => {
    const [first, second] = await Promise.all([start(), start()])
    expect(second.url).toBe(first.url)
    expect(await readdir(dataDir)).toEqual(['cluster', 'server.log'])
  })

  it('shows the end of its log where it cannot start, and the way to do without', async () => {
    const postgres = await start()
    await postgres.stop()
    await appendFile(join(clusterData(), 'postgresql.auto.conf'), 'no_such_setting = 1\n')
    const failure = start()
    await expect(failure).rejects.toThrow(/no_such_setting/)
    await expect(failure).rejects.toThrow(/DATABASE_URL/)
  })

  it('does not go along with a password that was changed behind its back, and leaves that server alone', async () => {
    const first = await start()
    await ask(first.url, `ALTER ROLE concept_worker PASSWORD 'another'`)
    await expect(start()).rejects.toThrow(/password authentication failed/)
    expect(await isServing(await serverPid(), clusterData())).toBe(true)
  })
})

describe('a process that was killed', () => {
  let killed: LaunchedProcess

  beforeEach(async () => {
    killed = await launch({ dataDir })
    leftovers.push(() => killed.stop())
  })

  it('leaves a server that the next one adopts and stops', async () => {
    const pid = await serverPid()
    await killed.kill()
    const adopted = await start()
    expect(killed.report).toEqual({ url: adopted.url })
    expect(await serverPid()).toBe(pid)
    await adopted.stop()
    expect(await isServing(pid, clusterData())).toBe(false)
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
