import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startPubSubServer } from '../../src/main/embedded/pubsub/server.ts'
import { bodyOf, startHttpServer, stopHttpServer } from '../setup/http-server.ts'
import { startEmbeddedModels, startTestWorker, type OwnServices } from '../setup/running-worker.ts'
import { startStallingProxy } from '../setup/stalling-proxy.ts'
import { taskRow } from '../setup/task-rows.ts'
import { createTestDatabase } from '../setup/test-database.ts'

const generation = { logo_description: 'a fox', theme_description: 'autumn forest', num_palettes: 1 }
const WAIT = { timeout: 50_000 }

let models: { url: string; stop: () => Promise<void> }
const leftovers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  models = await startEmbeddedModels()
})

afterEach(async () => {
  for (const stop of leftovers.splice(0).toReversed()) await stop()
})

afterAll(() => models.stop())

async function startWorker(modelsUrl: string, env: Record<string, string> = {}, own: OwnServices = {}) {
  const worker = await startTestWorker(modelsUrl, env, own)
  leftovers.push(() => worker.stop())
  return worker
}

/** The models, but that requests wait until they are let through. */
async function startGate() {
  const waiting = new Set<() => void>()
  let isOpen = false
  const arrivals = new EventTarget()
  const forward = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request)
    if (!isOpen) {
      const turn = new Promise<void>((resolve) => waiting.add(resolve))
      arrivals.dispatchEvent(new Event('arrival'))
      await turn
    }
    const answer = await fetch(new URL(request.url ?? '', models.url), {
      method: request.method ?? 'POST',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body,
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  }
  const { url, server } = await startHttpServer((request, response) => void forward(request, response))
  const open = () => {
    isOpen = true
    for (const pass of waiting) pass()
  }
  leftovers.push(() => {
    open()
    return stopHttpServer(server)
  })
  const arrived = async () => {
    while (waiting.size === 0) await once(arrivals, 'arrival')
  }
  return { url, open, arrived }
}

async function startDatabase() {
  const { url } = await createTestDatabase()
  const proxy = await startStallingProxy(url)
  leftovers.push(() => proxy.stop())
  return { url, proxy }
}

describe('hostile conditions: a worker whose Postgres hangs', () => {
  it('gives its task up, and leaves the pictures of the worker that took it over alone', async () => {
    const { url, proxy } = await startDatabase()
    const folder = await mkdtemp(join(tmpdir(), 'broken-services-'))
    leftovers.push(() => rm(folder, { recursive: true, force: true }))
    const pubsub = await startPubSubServer({})
    leftovers.push(() => pubsub.stop())
    const shared = { STORAGE_URL: pathToFileURL(folder).href, LEASE_MS: '2000', DRAIN_TIMEOUT_MS: '0' }
    const gate = await startGate()
    const own = { databaseUrl: url, pubsubHost: pubsub.address }
    const old = await startWorker(gate.url, shared, { ...own, workerDatabaseUrl: proxy.url })
    const taskId = await old.submit('concept_generation', generation)
    await gate.arrived()

    const younger = await startWorker(models.url, shared, own)
    proxy.stall()
    const task = await younger.ended(taskId)
    expect(task).toMatchObject({ status: 'completed', attempt: 2 })
    const picture = fileURLToPath(task.concept!.imageUrl)
    const version = async () => {
      const { ino, mtimeMs } = await stat(picture)
      return { ino, mtimeMs, bytes: await readFile(picture) }
    }
    const before = await version()

    gate.open()
    proxy.resume()
    await old.logged('task lost to another claim')
    expect(await version()).toEqual(before)
  })

  it('stops all the same, and says what it left', async () => {
    const { url, proxy } = await startDatabase()
    const gate = await startGate()
    const worker = await startWorker(
      gate.url,
      { DRAIN_TIMEOUT_MS: '0' },
      { databaseUrl: url, workerDatabaseUrl: proxy.url },
    )
    const taskId = await worker.submit('concept_generation', generation)
    await gate.arrived()
    proxy.stall()
    expect(await worker.stopWorker()).toContain('tasks')
    expect(await worker.logged('stopped in the end, with parts that hang')).toMatchObject({ tasks: [taskId] })
  })

  it('is not ready', async () => {
    const { url, proxy } = await startDatabase()
    const worker = await startWorker(models.url, {}, { databaseUrl: url, workerDatabaseUrl: proxy.url })
    const ready = () => fetch(`http://127.0.0.1:${worker.httpPort}/readyz`).then((answer) => answer.json())
    expect(await ready()).toMatchObject({ ready: true })
    proxy.stall()
    expect(await ready()).toMatchObject({ ready: false, postgres: false })
    proxy.resume()
  })
})

describe('an outage of Postgres', () => {
  it('is told when it begins and when it is over, also while no message comes', async () => {
    const { url, proxy } = await startDatabase()
    const worker = await startWorker(models.url, {}, { databaseUrl: url, workerDatabaseUrl: proxy.url })
    proxy.cut()
    await worker.logged('Postgres does not answer; no messages are taken in until it does')
    proxy.resume()
    await worker.logged('Postgres answers again; messages are taken in')
    const task = await worker.ended(await worker.submit('concept_generation', generation))
    expect(task).toMatchObject({ status: 'completed', attempt: 1 })
  })
})

describe('a worker whose Pub/Sub', () => {
  it('was started again with nothing in it is not ready meanwhile, and then completes tasks', async () => {
    const first = await startPubSubServer({})
    const worker = await startWorker(models.url, {}, { pubsubHost: first.address })
    const ready = () => fetch(`http://127.0.0.1:${worker.httpPort}/readyz`).then((answer) => answer.json())
    expect(await ready()).toMatchObject({ ready: true, subscription: true })
    await first.stop()
    await expect.poll(ready, WAIT).toMatchObject({ ready: false, subscription: false, postgres: true })

    const second = await startPubSubServer({ port: Number(first.address.split(':').at(-1)) })
    leftovers.push(() => second.stop())
    await expect.poll(ready, WAIT).toMatchObject({ ready: true })
    const task = await worker.ended(await worker.submit('concept_generation', generation))
    expect(task).toMatchObject({ status: 'completed' })
  })

  it('hangs stops all the same, and releases the task in hand', async () => {
    const server = await startPubSubServer({})
    leftovers.push(() => server.stop())
    const proxy = await startStallingProxy(`http://${server.address}`)
    leftovers.push(() => proxy.stop())
    const gate = await startGate()
    const host = new URL(proxy.url).host
    const worker = await startWorker(gate.url, { DRAIN_TIMEOUT_MS: '0' }, { pubsubHost: host })
    const taskId = await worker.submit('concept_generation', generation)
    await gate.arrived()
    proxy.stall()
    await worker.stopWorker()
    expect(await taskRow(worker.pool, taskId)).toMatchObject({ status: 'pending', attempt: 0 })
    proxy.resume()
  })
})

describe('messages whose task does not exist', () => {
  it('keep no other message waiting, however many they are', async () => {
    const worker = await startWorker(models.url, { MAX_TASKS_IN_FLIGHT: '2' })
    const unknown = Array.from({ length: 40 }, () =>
      JSON.stringify({ task_id: randomUUID(), user_id: 'user-1', task_type: 'concept_generation' }),
    )
    await Promise.all(unknown.map((message) => worker.publish(message)))
    const task = await worker.ended(await worker.submit('concept_generation', generation))
    expect(task).toMatchObject({ status: 'completed' })
    // None of them had to be given up first.
    const { rows } = await worker.pool.query(
      `SELECT (SELECT count(*)::int FROM parked_messages) AS parked,
              (SELECT count(*)::int FROM quarantined_messages) AS quarantined`,
    )
    expect(rows).toEqual([{ parked: 40, quarantined: 0 }])
  })
})

describe('a message that is published before its task can be seen', () => {
  it('is not lost: the task completes soon after it appears', async () => {
    const worker = await startWorker(models.url)
    const taskId = randomUUID()
    const fields = { task_id: taskId, user_id: 'user-1', task_type: 'concept_generation', ...generation }
    await worker.publish(JSON.stringify(fields))
    await worker.logged('message parked until its task appears')
    await worker.pool.query(
      `INSERT INTO tasks (id, user_id, type) VALUES ($1, 'user-1', 'concept_generation')`,
      [taskId],
    )
    expect(await worker.ended(taskId)).toMatchObject({ status: 'completed', attempt: 1 })
    await expect
      .poll(async () => (await worker.pool.query('SELECT id FROM parked_messages')).rows, WAIT)
      .toEqual([])
  })
})
