import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PubSub } from '@google-cloud/pubsub'
import type { Pool } from 'pg'
import { readTaskView, type TaskView } from '../../src/main/concepts/task-view.ts'
import { loadConfig } from '../../src/main/config/config.ts'
import { createDatabasePool } from '../../src/main/database/pool.ts'
import { startPubSubServer } from '../../src/main/embedded/pubsub/server.ts'
import { startStandIns } from '../../src/main/embedded/start-stand-ins.ts'
import { createPubSub } from '../../src/main/intake/pubsub-client.ts'
import { waitForEnd } from '../../src/main/tasks/task-end.ts'
import { createLogger } from '../../src/main/telemetry/logger.ts'
import { startWorker } from '../../src/main/worker.ts'
import { createTestDatabase } from './test-database.ts'

export type RunningWorker = {
  readonly pool: Pool
  readonly httpPort: number
  /** Every line that the worker logged, as text. */
  readonly logLines: readonly string[]
  /** Inserts the row, then publishes a message, as the product does; answers the task's id. */
  submit(taskType: string, fields: object, userId?: string): Promise<string>
  /** Publishes any bytes to the worker's topic; answers the message's id. */
  publish(data: string | Buffer): Promise<string>
  ended(taskId: string): Promise<TaskView>
  /** Resolves when the worker has logged this message; answers the line. */
  logged(message: string): Promise<Record<string, unknown>>
  /** Stops the worker alone; answers what it says that it left. */
  stopWorker(): Promise<readonly string[]>
  stop(): Promise<void>
}

/** What a test brings itself, to break it or to share it between workers. */
export type OwnServices = {
  readonly databaseUrl?: string
  /** The worker's way to that database, where it differs from the test's. */
  readonly workerDatabaseUrl?: string
  readonly pubsubHost?: string
}

/** The embedded model server, in its process: the image threads close this one to the SVG that it draws with. */
export async function startEmbeddedModels(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'concept-worker-models-'))
  const { addresses, stop } = await startStandIns(['models'], folder)
  return {
    url: addresses.models ?? '',
    stop: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A whole worker on a database, a Pub/Sub server and a folder of its own; only the models are shared. */
export async function startTestWorker(
  modelEndpointUrl: string,
  env: Readonly<Record<string, string>> = {},
  own: OwnServices = {},
): Promise<RunningWorker> {
  const [databaseUrl, server, folder] = await Promise.all([
    own.databaseUrl ?? createTestDatabase().then(({ url }) => url),
    own.pubsubHost === undefined ? startPubSubServer({}) : undefined,
    mkdtemp(join(tmpdir(), 'concept-worker-test-')),
  ])
  const pubsubHost = own.pubsubHost ?? server?.address ?? ''
  const config = loadConfig({ STORAGE_URL: pathToFileURL(folder).href, HTTP_PORT: '0', ...env })
  const logLines: string[] = []
  const lines = new EventEmitter()
  const log = createLogger(config.logLevel, {
    write: (line) => {
      logLines.push(line)
      lines.emit('line')
    },
  })
  const addresses = { databaseUrl: own.workerDatabaseUrl ?? databaseUrl, pubsubHost, modelEndpointUrl }
  const worker = await startWorker(config, addresses, log)
  const pool = createDatabasePool(databaseUrl, () => undefined)
  const pubsub: PubSub = createPubSub(config.pubsub.project, pubsubHost)
  const topic = pubsub.topic(config.pubsub.topic)
  const publish = (data: string | Buffer) => topic.publishMessage({ data: Buffer.from(data) })
  return {
    pool,
    httpPort: worker.httpPort ?? 0,
    logLines,
    publish,
    async submit(taskType, fields, userId = 'user-1') {
      const taskId = randomUUID()
      await pool.query('INSERT INTO tasks (id, user_id, type, metadata) VALUES ($1, $2, $3, $4)', [
        taskId,
        userId,
        taskType,
        '{}',
      ])
      await publish(JSON.stringify({ task_id: taskId, user_id: userId, task_type: taskType, ...fields }))
      return taskId
    },
    async ended(taskId) {
      await waitForEnd(pool, taskId)
      const view = await readTaskView(pool, taskId)
      if (!view) throw new Error(`there is no task ${taskId}`)
      return view
    },
    async logged(message) {
      for (;;) {
        const entries = logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
        const entry = entries.find(({ msg }) => msg === message)
        if (entry) return entry
        await once(lines, 'line')
      }
    },
    stopWorker: () => worker.stop(),
    async stop() {
      await worker.stop()
      await Promise.all([pubsub.close(), pool.end()])
      await server?.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
