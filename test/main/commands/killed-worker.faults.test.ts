import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PubSub } from '@google-cloud/pubsub'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTaskView } from '../../../src/main/concepts/task-view.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { startPubSubServer, type PubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { TaskPublisher } from '../../../src/main/intake/task-publisher.ts'
import { waitForEnd } from '../../../src/main/tasks/task-end.ts'
import { GENERATION } from '../../../src/processors/task.ts'
import { taskFolder } from '../../../src/processors/object-paths.ts'
import { logLine, startCommand } from '../../setup/command-line.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../../setup/http-server.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const LOGO = new URL('../../fixtures/images/logo-bazel-icon.png', import.meta.url)
const USER = 'user-1'

let folder: string
let env: Record<string, string>
let pool: Pool
let pubsubServer: PubSubServer
let pubsub: PubSub
let models: Server

/** The keys of all calls that the models got. */
const calls: string[] = []
/** The models answer no palettes before this is resolved. */
let givePalettes: () => void = () => undefined
/** Resolves when they are asked for palettes. */
let palettesAsked: Promise<void>

beforeAll(async () => {
  const logo = await readFile(LOGO)
  const given = new Promise<void>((resolve) => (givePalettes = resolve))
  let asked: () => void = () => undefined
  palettesAsked = new Promise((resolve) => (asked = resolve))
  const started = await startHttpServer((request, response) => {
    void bodyOf(request).then(async () => {
      calls.push(String(request.headers['idempotency-key']))
      if (request.url === '/') return response.setHeader('content-type', 'image/png').end(logo)
      asked()
      await given
      const palette = {
        name: 'P',
        description: '',
        colors: ['#111111', '#222222', '#333333', '#FFFFFF', '#555555'],
      }
      const content = JSON.stringify({ palettes: [palette] })
      response.setHeader('content-type', 'application/json')
      return response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }))
    })
  })
  models = started.server
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
  pubsubServer = await startPubSubServer({})
  pubsub = createPubSub('concept-worker', pubsubServer.address)
  folder = await mkdtemp(join(tmpdir(), 'killed-worker-'))
  env = {
    DATABASE_URL: url,
    PUBSUB_EMULATOR_HOST: pubsubServer.address,
    MODEL_ENDPOINT_URL: started.url,
    STORAGE_URL: pathToFileURL(folder).href,
    POOL_MAX_THREADS: '1',
  }
})

afterAll(async () => {
  await Promise.all([pubsub.close(), pool.end(), stopHttpServer(models)])
  await pubsubServer.stop()
  await rm(folder, { recursive: true, force: true })
})

async function startWorker(): Promise<ChildProcess> {
  const worker = startCommand(['start'], { env, cwd: folder })
  await logLine(worker, 'worker started')
  return worker
}

async function end(worker: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const closed = once(worker, 'close')
  worker.kill(signal)
  await closed
}

describe('hostile conditions: a worker that is killed in the middle of a task', { timeout: 120_000 }, () => {
  it('leaves what it has paid for to the next one', async () => {
    const first = await startWorker()
    const fields = { logo_description: `a fox ${randomUUID()}`, theme_description: 'autumn', num_palettes: 1 }
    const taskId = await new TaskPublisher(pool, pubsub, 'concept-tasks').submit(USER, GENERATION, fields)
    await palettesAsked
    await end(first, 'SIGKILL')
    // As if the lease had run out: how long that takes is another matter.
    await pool.query('UPDATE tasks SET lease_expires_at = now() WHERE id = $1', [taskId])
    givePalettes()

    const second = await startWorker()
    await waitForEnd(pool, taskId)
    await end(second, 'SIGTERM')
    const task = await readTaskView(pool, taskId)
    expect(task).toMatchObject({ status: 'completed', attempt: 2 })
    expect(calls).toEqual([
      `${taskId}/generate_image/1`,
      `${taskId}/generate_palettes/1`,
      `${taskId}/generate_palettes/2`,
    ])
    const resumed = task!.stages.filter(({ outcome }) => outcome === 'resumed').map(({ stage }) => stage)
    expect(resumed).toEqual(['generate_image'])
    const { imagePath, variations } = task!.concept!
    const named = [imagePath, ...variations.map((variation) => variation.imagePath)]
    const files = await readdir(join(folder, taskFolder(USER, taskId)))
    expect(files.map((name) => taskFolder(USER, taskId) + name).toSorted()).toEqual(named.toSorted())
  })
})
