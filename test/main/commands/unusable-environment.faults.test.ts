import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { logLine, runCommand, startCommand, type Finished } from '../../setup/command-line.ts'
import { startHttpServer, stopHttpServer } from '../../setup/http-server.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const SECRET = 'canary-secret'
const ROLE = `locked_out_${randomUUID().slice(0, 8)}`
const WRONG = 78
const UNREACHABLE = 69

let folder: string
let databaseUrl: string
let pubsub: Awaited<ReturnType<typeof startPubSubServer>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unusable-environment-'))
  await writeFile(join(folder, 'a-file'), '')
  databaseUrl = (await createTestDatabase()).url
  pubsub = await startPubSubServer({})
  await sql(`CREATE ROLE ${ROLE} NOLOGIN PASSWORD '${SECRET}'`)
})

afterAll(async () => {
  await sql(`DROP ROLE ${ROLE}`)
  await pubsub.stop()
  await rm(folder, { recursive: true, force: true })
})

async function sql(statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query(statement)).rows as unknown[]
  } finally {
    await client.end()
  }
}

function databaseWith(part: { username?: string; password?: string; pathname?: string }): string {
  const url = new URL(databaseUrl)
  Object.assign(url, part)
  return url.href
}

/** Every service is there but the one that a test spoils; no credentials of this machine are found. */
const environment = (overrides: Record<string, string>) => ({
  DATABASE_URL: databaseUrl,
  PUBSUB_EMULATOR_HOST: pubsub.address,
  MODEL_ENDPOINT_URL: 'http://127.0.0.1:1',
  STORAGE_URL: pathToFileURL(join(folder, 'images')).href,
  HOME: folder,
  METADATA_SERVER_DETECTION: 'none',
  LOG_LEVEL: 'silent',
  ...overrides,
})

const run = (args: readonly string[], overrides: Record<string, string>) =>
  runCommand(args, { env: environment(overrides), cwd: folder })

/** One line that begins with a variable and says what is expected; any other output comes back whole. */
function refusal({ code, stderr }: Finished) {
  const variable = /^concept-worker: ([A-Z_]+)\b.*: .*expected .*\n$/.exec(stderr)?.[1]
  return { code, variable: variable ?? stderr, leaks: stderr.includes(SECRET) }
}

const refused = (code: number, variable: string) => ({ code, variable, leaks: false })

const COMMANDS = [
  ['start'],
  ['migrate'],
  ['task', randomUUID()],
  ['submit', 'generation', '--logo', 'x', '--theme', 'y'],
]

describe('a DATABASE_URL that cannot be used', () => {
  it.each(COMMANDS)('is named with exit code 78 when its password is wrong: %s', async (...args) => {
    const result = await run(args, { DATABASE_URL: databaseWith({ password: SECRET }) })
    expect(refusal(result)).toEqual(refused(WRONG, 'DATABASE_URL'))
    expect(result.stderr).toContain('refuses the user or the password')
  })

  it('is named with exit code 78 when its database is missing', async () => {
    const result = await run(['migrate'], { DATABASE_URL: databaseWith({ pathname: 'nowhere' }) })
    expect(refusal(result)).toEqual(refused(WRONG, 'DATABASE_URL'))
    expect(result.stderr).toContain('there is no such database')
  })

  it.each([
    ['is missing', { username: 'nobody' }],
    ['may not log in', { username: ROLE, password: SECRET }],
  ])('is named with exit code 78 when its role %s', async (_, part) => {
    expect(refusal(await run(['start'], { DATABASE_URL: databaseWith(part) }))).toEqual(
      refused(WRONG, 'DATABASE_URL'),
    )
  })

  it('is named with exit code 78 when its role may not make the tables', async () => {
    const role = `weak_${randomUUID().slice(0, 8)}`
    await sql(`CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}'`)
    const url = databaseWith({ username: role, password: SECRET })
    expect(refusal(await run(['migrate'], { DATABASE_URL: url }))).toEqual(refused(WRONG, 'DATABASE_URL'))
    await sql(`DROP ROLE ${role}`)
  })

  it('is named with exit code 78 when the tables belong to another role', async () => {
    const role = `guest_${randomUUID().slice(0, 8)}`
    await sql(`CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}'`)
    await sql(`CREATE DATABASE ${role}`)
    const owner = new Client({ connectionString: databaseWith({ pathname: role }) })
    await owner.connect()
    await owner.query(`CREATE TABLE tasks (id uuid PRIMARY KEY); GRANT ALL ON SCHEMA public TO ${role}`)
    await owner.query(`GRANT ALL ON tasks TO ${role}`)
    await owner.end()
    const url = databaseWith({ username: role, password: SECRET, pathname: role })
    expect(refusal(await run(['migrate'], { DATABASE_URL: url }))).toEqual(refused(WRONG, 'DATABASE_URL'))
    await sql(`DROP DATABASE ${role}`)
    await sql(`DROP ROLE ${role}`)
  })

  it('does not keep the command waiting when the server asks for a password that it lacks', async () => {
    const result = await run(['task', randomUUID()], { DATABASE_URL: databaseWith({ password: '' }) })
    expect(refusal(result)).toEqual(refused(UNREACHABLE, 'DATABASE_URL'))
  })

  it('is named with exit code 69 when nobody answers there', async () => {
    const url = `postgresql://user:${SECRET}@127.0.0.1:1/db`
    expect(refusal(await run(['start'], { DATABASE_URL: url }))).toEqual(refused(UNREACHABLE, 'DATABASE_URL'))
  })
})

describe('a database that no worker has used', () => {
  it('takes no task, and the message says what to do first', async () => {
    const { code, stderr } = await run(['submit', 'generation', '--logo', 'x', '--theme', 'y'], {
      DATABASE_URL: databaseWith({ pathname: 'postgres' }),
    })
    expect(stderr).toMatch(/no tables yet: run "migrate"/)
    expect(code).toBe(UNREACHABLE)
  })
})

describe('a STORAGE_URL that cannot be used', () => {
  it('is named with exit code 78 when a file is in its place', async () => {
    const storage = pathToFileURL(join(folder, 'a-file', 'images')).href
    expect(refusal(await run(['start'], { STORAGE_URL: storage }))).toEqual(refused(WRONG, 'STORAGE_URL'))
  })

  it.runIf(process.platform === 'linux')(
    'is named with exit code 78 when it may not be written',
    async () => {
      // Nobody makes folders here, the superuser included.
      const result = await run(['start'], { STORAGE_URL: 'file:///sys/concept-worker' })
      expect(refusal(result)).toEqual(refused(WRONG, 'STORAGE_URL'))
    },
  )

  it.runIf(process.platform === 'linux')(
    'is named with exit code 78 where a folder says that it is not there itself',
    async () => {
      const result = await run(['start'], { STORAGE_URL: 'file:///proc/concept-worker' })
      expect(refusal(result)).toEqual(refused(WRONG, 'STORAGE_URL'))
    },
  )

  it.runIf(process.platform !== 'win32')('does not keep a start from being stopped', async () => {
    const hung = join(folder, 'hung-and-stopped')
    await mkdir(hung)
    // Opening a pipe that nobody reads takes for ever.
    await promisify(execFile)('mkfifo', [join(hung, 'trial.tmp')])
    const env = environment({ STORAGE_URL: pathToFileURL(hung).href, LOG_LEVEL: 'info' })
    const worker = startCommand(['start'], { env, cwd: folder })
    const ended = logLine(worker, 'stopped before it had started')
    await logLine(worker, 'images are stored here')
    worker.kill('SIGTERM')
    expect(await ended).toMatchObject({ signal: 'SIGTERM' })
    await once(worker, 'close')
  })

  it('stops the demo before it hands in any task', async () => {
    const storage = pathToFileURL(join(folder, 'a-file')).href
    const { code, stdout, stderr } = await run(['demo', '--json'], { STORAGE_URL: storage })
    expect(code).toBe(WRONG)
    expect(stderr).toMatch(/^concept-worker: STORAGE_URL=.*expected/m)
    expect(stderr).not.toContain('task')
    expect(stdout).toBe('')
  })

  it('is unset: the message names DATA_DIR, which decides then', async () => {
    const result = await run(['start'], { STORAGE_URL: '', DATA_DIR: join(folder, 'a-file') })
    expect(refusal(result)).toEqual(refused(WRONG, 'STORAGE_URL'))
    expect(result.stderr).toContain('DATA_DIR')
  })
})

describe('a DATA_DIR that the embedded services cannot use', () => {
  it.each([
    ['a file is in its place', () => join(folder, 'a-file')],
    ['it is below a file', () => join(folder, 'a-file', 'below')],
    ...(process.platform === 'linux'
      ? [['nobody may write there', () => '/sys/concept-worker'] as const]
      : []),
  ] as const)('is named with exit code 78 where %s', async (_, dataDir) => {
    const result = await run(['start'], { PUBSUB_EMULATOR_HOST: '', DATA_DIR: dataDir() })
    expect(refusal(result)).toEqual(refused(WRONG, 'DATA_DIR'))
  })
})

describe('an HTTP_PORT in use', () => {
  let server: Server
  let port: string
  beforeAll(async () => {
    const started = await startHttpServer((_, response) => response.end())
    server = started.server
    port = new URL(started.url).port
  })
  afterAll(() => stopHttpServer(server))

  it.each(['start', 'demo'])('is named with exit code 78 before %s starts anything', async (command) => {
    const own = await mkdtemp(join(folder, 'port-'))
    const made = { DATA_DIR: join(own, 'data'), STORAGE_URL: pathToFileURL(join(own, 'images')).href }
    const env = environment({ HTTP_PORT: port, DATABASE_URL: '', ...made })
    const result = await runCommand([command], { env, cwd: own })
    expect(refusal(result)).toEqual(refused(WRONG, 'HTTP_PORT'))
    expect(result.stderr).toContain('another program listens')
    expect(result.stdout).toBe('')
    expect(await readdir(own)).toEqual([])
  })
})

describe('an HTTP_HOST of another machine', () => {
  it('is named with exit code 78', async () => {
    // An address of documentation: no machine has it.
    const result = await run(['start'], { HTTP_PORT: '0', HTTP_HOST: '192.0.2.1' })
    expect(refusal(result)).toEqual(refused(WRONG, 'HTTP_HOST'))
  })
})

describe('Pub/Sub that cannot be used', () => {
  it.each([
    ['without credentials', {}],
    ['with credentials in a file that is not there', { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/key.json' }],
  ])('is named with exit code 78 for a project %s, and no task is handed in', async (_, credentials) => {
    const project = { PUBSUB_EMULATOR_HOST: '', PUBSUB_PROJECT: 'some-project', ...credentials }
    const commands = [['start'], ['submit', 'generation', '--logo', 'x', '--theme', 'y']]
    for (const result of await Promise.all(commands.map((args) => run(args, project)))) {
      expect(refusal(result)).toEqual(refused(WRONG, 'PUBSUB_PROJECT'))
    }
    expect(await sql('SELECT id FROM tasks')).toEqual([])
  })

  it('is named with exit code 69 when no emulator answers', async () => {
    expect(refusal(await run(['start'], { PUBSUB_EMULATOR_HOST: '127.0.0.1:1' }))).toEqual(
      refused(UNREACHABLE, 'PUBSUB_EMULATOR_HOST'),
    )
  })
})
