import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { PubSub } from '@google-cloud/pubsub'
import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { findStandIns, startStandIns } from '../../../src/main/embedded/start-stand-ins.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { TaskPublisher } from '../../../src/main/intake/task-publisher.ts'
import { waitForEnd } from '../../../src/main/tasks/task-end.ts'
import { GENERATION } from '../../../src/processors/task.ts'
import { logLine, runCommand, startCommand } from '../../setup/command-line.ts'
import { startHttpServer, stopHttpServer } from '../../setup/http-server.ts'
import { preparedFolder } from '../../setup/prepared-folder.ts'
import { taskRow } from '../../setup/task-rows.ts'

let folder: string
let silentModels: { url: string; server: Server }
let worker: ChildProcess | undefined

beforeEach(async () => {
  folder = await preparedFolder('kept-messages-')
  silentModels = await startHttpServer(() => undefined)
})

afterEach(async () => {
  if (worker) await stop(worker, 'SIGTERM')
  await stopHttpServer(silentModels.server)
  await rm(folder, { recursive: true, force: true })
})

async function start(env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  worker = startCommand(['start'], { cwd: folder, env })
  await logLine(worker, 'worker started')
  return worker
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const closed = once(child, 'close')
  if (child.kill(signal)) await closed
  worker = undefined
}

/** Uses the worker's own services. */
async function withServices<T>(
  work: (pool: Pool, pubsub: PubSub) => Promise<T>,
  dataDir = join(folder, '.concept-worker'),
): Promise<T> {
  const found = await findStandIns(['postgres', 'pubsub'], dataDir)
  const pool = createDatabasePool(found.postgres ?? '', () => undefined)
  const pubsub = createPubSub('concept-worker', found.pubsub ?? null)
  try {
    return await work(pool, pubsub)
  } finally {
    await Promise.all([pool.end(), pubsub.close()])
  }
}

const submit = () =>
  withServices((pool, pubsub) =>
    new TaskPublisher(pool, pubsub, 'concept-tasks').submit('user-1', GENERATION, {
      logo_description: 'a fox',
      theme_description: 'autumn',
      num_palettes: 1,
    }),
  )

const statesOf = (ids: readonly string[], dataDir?: string) =>
  withServices((pool) => Promise.all(ids.map(async (id) => (await taskRow(pool, id)).status)), dataDir)

const ended = (ids: readonly string[]) =>
  withServices((pool) => Promise.all(ids.map((id) => waitForEnd(pool, id))))

describe('a command beside a worker that is starting', () => {
  it('hands a task in although the worker has not made its tables yet', async () => {
    const dataDir = join(folder, 'new')
    const services = await startStandIns(['postgres', 'pubsub'], dataDir)
    try {
      const args = ['submit', 'generation', '--logo', 'a fox', '--theme', 'autumn']
      const submitted = await runCommand(args, { cwd: folder, env: { DATA_DIR: dataDir } })
      expect(submitted).toMatchObject({ code: 0, stderr: '' })
      expect(await statesOf([submitted.stdout.trim()], dataDir)).toEqual(['pending'])
    } finally {
      await services.stop()
    }
  })
})

describe('a worker on embedded services', { timeout: 180_000 }, () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'completes what was submitted to the one before it, which had not claimed it when it got %s',
    async (signal) => {
      const first = await start({
        MODEL_ENDPOINT_URL: silentModels.url,
        MAX_TASKS_IN_FLIGHT: '1',
        DRAIN_TIMEOUT_MS: '0',
      })
      const isBusy = once(silentModels.server, 'request')
      const claimed = await submit()
      await isBusy
      const waiting = [await submit(), await submit()]
      expect(await statesOf([claimed, ...waiting])).toEqual(['processing', 'pending', 'pending'])
      await stop(first, signal)
      await start({})
      await ended(waiting)
      expect(await statesOf(waiting)).toEqual(['completed', 'completed'])
    },
  )
})
