import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { findStandIns } from '../../../src/main/embedded/start-stand-ins.ts'
import { waitForEnd } from '../../../src/main/tasks/task-end.ts'
import { logLine, runCommand, startCommand } from '../../setup/command-line.ts'
import { startHttpServer, stopHttpServer } from '../../setup/http-server.ts'

let folder: string
let silentModels: { url: string; server: Server }
let worker: ChildProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-messages-'))
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

async function submit(): Promise<string> {
  const args = ['submit', 'generation', '--logo', 'a fox', '--theme', 'autumn', '--palettes', '1']
  return (await runCommand(args, { cwd: folder })).stdout.trim()
}

async function statusOf(id: string): Promise<string> {
  const { stdout } = await runCommand(['task', id, '--json'], { cwd: folder })
  return (JSON.parse(stdout) as { status: string }).status
}

/** Waits in the worker's own database. */
async function ended(ids: readonly string[]): Promise<void> {
  const { postgres = '' } = await findStandIns(['postgres'], join(folder, '.concept-worker'))
  const pool = createDatabasePool(postgres, () => undefined)
  try {
    for (const id of ids) await waitForEnd(pool, id)
  } finally {
    await pool.end()
  }
}

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
      expect(await Promise.all([claimed, ...waiting].map(statusOf))).toEqual([
        'processing',
        'pending',
        'pending',
      ])
      await stop(first, signal)
      await start({})
      await ended(waiting)
      expect(await Promise.all(waiting.map(statusOf))).toEqual(['completed', 'completed'])
    },
  )
})
