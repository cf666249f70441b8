import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { startPubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { TaskPublisher } from '../../../src/main/intake/task-publisher.ts'
import { logLine, runCommand, startCommand } from '../../setup/command-line.ts'
import { startHttpServer, stopHttpServer } from '../../setup/http-server.ts'
import { startStallingProxy } from '../../setup/stalling-proxy.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const HUNG_LOOKUP = fileURLToPath(new URL('./hung-lookup.cjs', import.meta.url))

let folder: string
const leftovers: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hung-services-'))
  leftovers.push(() => rm(folder, { recursive: true, force: true }))
})

afterEach(async () => {
  for (const stop of leftovers.splice(0).toReversed()) await stop()
})

async function startDatabase() {
  const { url } = await createTestDatabase()
  const proxy = await startStallingProxy(url)
  leftovers.push(() => proxy.stop())
  return { url, proxy }
}

/** Models that take every request and never answer; `asked` resolves when the first has come. */
async function startSilentModels() {
  let arrive = () => {}
  const asked = new Promise<void>((resolve) => (arrive = resolve))
  const { url, server } = await startHttpServer(() => arrive())
  leftovers.push(() => stopHttpServer(server))
  return { url, asked }
}

async function startPubSub() {
  const server = await startPubSubServer({})
  leftovers.push(() => server.stop())
  return server
}

/** Answers the task's id. */
async function submitTask(databaseUrl: string, pubsubHost: string): Promise<string> {
  const pool = createDatabasePool(databaseUrl, () => undefined)
  const pubsub = createPubSub('concept-worker', pubsubHost)
  const fields = { logo_description: 'a fox', theme_description: 'autumn' }
  try {
    return await new TaskPublisher(pool, pubsub, 'concept-tasks').submit(
      randomUUID(),
      'concept_generation',
      fields,
    )
  } finally {
    await Promise.all([pubsub.close(), pool.end()])
  }
}

describe('where every service is well', () => {
  it('a worker that is told to stop ends with success', async () => {
    const { url } = await createTestDatabase()
    const server = await startPubSub()
    const env = {
      DATABASE_URL: url,
      PUBSUB_EMULATOR_HOST: server.address,
      MODEL_ENDPOINT_URL: 'http://127.0.0.1:1',
    }
    const worker = startCommand(['start'], { env, cwd: folder })
    const exited = once(worker, 'close')
    await logLine(worker, 'worker started')
    worker.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })
})

describe('where the file system hangs', () => {
  it('a worker that starts ends, and names the setting', async () => {
    const { url } = await createTestDatabase()
    await mkdir(join(folder, 'images'))
    // Whoever opens a pipe to write to it waits for somebody who opens it to read.
    await promisify(execFile)('mkfifo', [join(folder, 'images', 'trial.tmp')])
    const env = {
      DATABASE_URL: url,
      PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
      MODEL_ENDPOINT_URL: 'http://127.0.0.1:1',
      STORAGE_URL: pathToFileURL(join(folder, 'images')).href,
    }
    const { code, stderr } = await runCommand(['start'], { env, cwd: folder })
    // A call of the file system that hangs lets the process end by a kill alone.
    expect(code).toBeNull()
    expect(stderr).toMatch(
      /^concept-worker: STORAGE_URL=file:\S+: images cannot be stored there \(ETIMEDOUT\).*expected .*\n$/,
    )
  })
})

describe('where name servers are silent', () => {
  it('a worker whose models they hide ends when it is told to, and names what hung', async () => {
    const { url } = await createTestDatabase()
    const server = await startPubSub()
    const pipe = join(folder, 'silent')
    await promisify(execFile)('mkfifo', [pipe])
    const env = {
      DATABASE_URL: url,
      PUBSUB_EMULATOR_HOST: server.address,
      MODEL_ENDPOINT_URL: 'http://models.example',
      DRAIN_TIMEOUT_MS: '0',
      NODE_OPTIONS: `--require ${HUNG_LOOKUP}`,
      SILENT_PIPE: pipe,
    }
    const worker = startCommand(['start'], { env, cwd: folder })
    leftovers.push(async () => worker.kill('SIGKILL'))
    const exited = once(worker, 'close')
    const lookingUp = once(worker.stderr!, 'data')
    await logLine(worker, 'worker started')
    await submitTask(url, server.address)
    await lookingUp

    worker.kill('SIGTERM')
    const { left, tasks } = await logLine(worker, 'stopped in the end, with parts that hang')
    expect([left, tasks]).toEqual([['models'], []])
    // A thread that cannot end lets the process end by a kill alone.
    expect(await exited).toEqual([null, 'SIGKILL'])
  })
})

describe('where Postgres takes connections and does not answer', () => {
  it('a command that needs it fails with a message that says so', async () => {
    const { proxy } = await startDatabase()
    proxy.stall()
    const env = {
      DATABASE_URL: proxy.url,
      PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
      MODEL_ENDPOINT_URL: 'http://127.0.0.1:1',
      LOG_LEVEL: 'silent',
    }
    const commands = ['migrate', 'start'].map((command) => runCommand([command], { env, cwd: folder }))
    for (const { code, stderr } of await Promise.all(commands)) {
      expect(code).toBe(69)
      expect(stderr).toMatch(
        /^concept-worker: DATABASE_URL=postgresql:\/\/\S+: no connection to Postgres .*\n$/,
      )
    }
  })

  it('a worker with a task in hand ends when it is told to, names the task, and does not claim success', async () => {
    const { url, proxy } = await startDatabase()
    const server = await startPubSub()
    const models = await startSilentModels()
    const env = {
      DATABASE_URL: proxy.url,
      PUBSUB_EMULATOR_HOST: server.address,
      MODEL_ENDPOINT_URL: models.url,
      DRAIN_TIMEOUT_MS: '0',
    }
    const worker = startCommand(['start'], { env, cwd: folder })
    const exited = once(worker, 'close')
    await logLine(worker, 'worker started')

    const taskId = await submitTask(url, server.address)
    await models.asked

    proxy.stall()
    worker.kill('SIGTERM')
    const left = await logLine(worker, 'stopped in the end, with parts that hang')
    expect(left).toMatchObject({ left: expect.arrayContaining(['tasks']) as unknown, tasks: [taskId] })
    expect(await exited).toEqual([1, null])
  })
})
