import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOCK_KEY, migrate } from '../../../src/main/database/migrations.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { startPubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { ensurePubSubResources } from '../../../src/main/intake/pubsub-resources.ts'
import { TaskPublisher } from '../../../src/main/intake/task-publisher.ts'
import { logLine, runCommand, startCommand } from '../../setup/command-line.ts'
import { startHttpServer, stopHttpServer } from '../../setup/http-server.ts'
import { processesOn } from '../../setup/processes.ts'
import { startStallingProxy } from '../../setup/stalling-proxy.ts'
import { taskRow } from '../../setup/task-rows.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

/** Longer than any test may take: whoever waits for it fails. */
const DRAIN_TIMEOUT_MS = '600000'

let folder: string
const leftovers: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stop-'))
  leftovers.push(() => rm(folder, { recursive: true, force: true }))
})

afterEach(async () => {
  for (const stop of leftovers.splice(0).toReversed()) await stop()
})

/** Models that answer no request until they refuse it; `asked` resolves with the first one. */
async function startModels() {
  const requests: ServerResponse[] = []
  let arrive = () => {}
  const asked = new Promise<void>((resolve) => (arrive = resolve))
  const { url, server } = await startHttpServer((_request, response) => {
    requests.push(response)
    arrive()
  })
  leftovers.push(() => stopHttpServer(server))
  const refuse = () => {
    for (const response of requests) response.writeHead(402).end()
  }
  return { url, asked, refuse }
}

function start(env: Record<string, string>): { worker: ChildProcess; exited: Promise<unknown[]> } {
  const worker = startCommand(['start'], { env: { DRAIN_TIMEOUT_MS, ...env }, cwd: folder })
  const exited = once(worker, 'close')
  leftovers.push(async () => {
    worker.kill('SIGKILL')
    await exited
  })
  return { worker, exited }
}

/** A worker process with one task in hand, that waits for a model. */
async function startBusyWorker() {
  const [{ url: databaseUrl }, server, models] = await Promise.all([
    createTestDatabase(),
    startPubSubServer({}),
    startModels(),
  ])
  leftovers.push(() => server.stop())
  const broker = await startStallingProxy(`http://${server.address}`)
  leftovers.push(() => broker.stop())
  const { worker, exited } = start({
    DATABASE_URL: databaseUrl,
    PUBSUB_EMULATOR_HOST: new URL(broker.url).host,
    MODEL_ENDPOINT_URL: models.url,
  })
  await logLine(worker, 'worker started')
  const pool = createDatabasePool(databaseUrl, () => undefined)
  leftovers.push(() => pool.end())
  const pubsub = createPubSub('concept-worker', server.address)
  const taskId = await new TaskPublisher(pool, pubsub, 'concept-tasks').submit(
    randomUUID(),
    'concept_generation',
    { logo_description: 'a fox', theme_description: 'autumn' },
  )
  await models.asked
  await pubsub.close()
  return { worker, exited, broker, models, pool, taskId }
}

describe('hostile conditions: a worker process that is told to stop with a task in hand', () => {
  it('ends with success once the task has ended, although the broker is gone', async () => {
    const { worker, exited, broker, models, pool, taskId } = await startBusyWorker()
    broker.cut()
    const draining = logLine(worker, 'draining')
    worker.kill('SIGTERM')
    await draining
    models.refuse()
    expect(await exited).toEqual([0, null])
    expect(await taskRow(pool, taskId)).toMatchObject({ status: 'failed', error_code: 'quota' })
  })

  it('ends at once when it is told a second time', async () => {
    const { worker, exited } = await startBusyWorker()
    const draining = logLine(worker, 'draining')
    worker.kill('SIGTERM')
    await draining
    // What comes right after the first signal counts as its echo.
    const again = setInterval(() => worker.kill('SIGTERM'), 100)
    expect(await exited).toEqual([143, null])
    clearInterval(again)
  })
})

describe.runIf(process.platform === 'linux')('a worker process whose own services have died', () => {
  it('does not wait for a task that it cannot write down', async () => {
    const models = await startModels()
    const { worker, exited } = start({ MODEL_ENDPOINT_URL: models.url })
    await logLine(worker, 'worker started')
    const submitted = await runCommand(['submit', 'generation', '--logo', 'x', '--theme', 'y'], {
      env: { MODEL_ENDPOINT_URL: models.url },
      cwd: folder,
    })
    expect(submitted.code).toBe(0)
    await models.asked
    const host = (await processesOn(folder)).find(({ commandLine }) => /embedded\/host\.js/.test(commandLine))
    process.kill(host!.pid, 'SIGKILL')
    expect(await exited).toEqual([69, null])
    await expect.poll(() => processesOn(folder), { timeout: 30_000 }).toEqual([])
  })
})

describe('a worker process that is told to stop before it has started', () => {
  it('takes no task in if it comes to that after all', async () => {
    const [{ url: databaseUrl }, server, models] = await Promise.all([
      createTestDatabase(),
      startPubSubServer({}),
      startModels(),
    ])
    leftovers.push(() => server.stop())
    await migrate(databaseUrl)
    const pool = createDatabasePool(databaseUrl, () => undefined)
    leftovers.push(() => pool.end())
    const pubsub = createPubSub('concept-worker', server.address)
    await ensurePubSubResources(pubsub, 'concept-tasks', 'concept-worker')
    const fields = { logo_description: 'a fox', theme_description: 'autumn' }
    const publisher = new TaskPublisher(pool, pubsub, 'concept-tasks')
    const taskId = await publisher.submit(randomUUID(), 'concept_generation', fields)
    await pubsub.close()
    // As another worker holds it that migrates: the start waits for it.
    const migrating = await pool.connect()
    await migrating.query('SELECT pg_advisory_lock($1)', [LOCK_KEY])

    const { worker, exited } = start({
      DATABASE_URL: databaseUrl,
      PUBSUB_EMULATOR_HOST: server.address,
      MODEL_ENDPOINT_URL: models.url,
    })
    const givenUp = logLine(worker, 'stopped before it had started')
    await logLine(worker, 'images are stored here')
    worker.kill('SIGTERM')
    await givenUp
    migrating.release(true)
    await exited
    expect(await taskRow(pool, taskId)).toMatchObject({ status: 'pending', attempt: 0 })
  })
})
