import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readTaskView } from '../../../src/main/concepts/task-view.ts'
import { createDatabasePool } from '../../../src/main/database/pool.ts'
import { startPubSubServer, type PubSubServer } from '../../../src/main/embedded/pubsub/server.ts'
import { createPubSub } from '../../../src/main/intake/pubsub-client.ts'
import { TaskPublisher } from '../../../src/main/intake/task-publisher.ts'
import { waitForEnd } from '../../../src/main/tasks/task-end.ts'
import { GENERATION } from '../../../src/processors/task.ts'
import { runCommand, startCommand } from '../../setup/command-line.ts'
import { startEmbeddedModels } from '../../setup/running-worker.ts'
import { createTestDatabase } from '../../setup/test-database.ts'

const FIELDS = { logo_description: 'a fox', theme_description: 'autumn', num_palettes: 1 }

/** Logged by the primary. */
const STARTED = 'worker process started'

type Line = Readonly<Record<string, unknown>>

/** A worker of two processes, and what they log. */
class TwoProcesses {
  readonly primary: ChildProcess
  readonly lines: Line[] = []
  readonly #news = new EventEmitter()

  constructor(env: Readonly<Record<string, string>>) {
    this.primary = startCommand(['start'], { env, cwd: folder })
    let rest = ''
    this.primary.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n')
      rest = parts.pop() ?? ''
      this.lines.push(...parts.map((line) => JSON.parse(line) as Line))
      this.#news.emit('lines')
    })
  }

  /** Resolves with the first so many lines of this message. */
  async logged(msg: string, count: number): Promise<Line[]> {
    for (;;) {
      const found = this.lines.filter((line) => line.msg === msg)
      if (found.length >= count) return found
      await once(this.#news, 'lines')
    }
  }

  /** The newest process in a place. */
  pidOf(place: number): number {
    return Number(this.lines.findLast(({ msg, process: at }) => msg === STARTED && at === place)?.pid)
  }

  async page(path: string): Promise<{ status: number; text: string }> {
    const [line] = await this.logged('worker processes start', 1)
    const response = await fetch(`http://127.0.0.1:${String(line?.httpPort)}${path}`)
    return { status: response.status, text: await response.text() }
  }

  /** The exit code, once no process holds the output any more. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const closed = once(this.primary, 'close') as Promise<[number | null]>
    this.primary.kill(signal)
    return (await closed)[0]
  }
}

let folder: string
let env: Record<string, string>
let pool: Pool
let pubsubServer: PubSubServer
let models: Awaited<ReturnType<typeof startEmbeddedModels>>
let worker: TwoProcesses | undefined

beforeAll(async () => {
  const { url } = await createTestDatabase()
  pool = createDatabasePool(url, () => undefined)
  pubsubServer = await startPubSubServer({})
  models = await startEmbeddedModels()
  folder = await mkdtemp(join(tmpdir(), 'worker-processes-'))
  env = {
    DATABASE_URL: url,
    PUBSUB_EMULATOR_HOST: pubsubServer.address,
    MODEL_ENDPOINT_URL: models.url,
    STORAGE_URL: pathToFileURL(folder).href,
    WORKER_PROCESSES: '2',
    POOL_MAX_THREADS: '2',
    MAX_TASKS_IN_FLIGHT: '2',
    HTTP_PORT: '0',
  }
})

afterEach(async () => {
  if (worker?.primary.exitCode === null && worker.primary.signalCode === null) await worker.end('SIGKILL')
})

afterAll(async () => {
  await Promise.all([pool.end(), models.stop()])
  await pubsubServer.stop()
  await rm(folder, { recursive: true, force: true })
})

async function startTwo(): Promise<TwoProcesses> {
  worker = new TwoProcesses(env)
  await worker.logged(STARTED, 2)
  return worker
}

async function doTasks(count: number): Promise<void> {
  const pubsub = createPubSub('concept-worker', pubsubServer.address)
  const publisher = new TaskPublisher(pool, pubsub, 'concept-tasks')
  try {
    const ids = await Promise.all(
      Array.from({ length: count }, () => publisher.submit('user-1', GENERATION, FIELDS)),
    )
    for (const id of ids) {
      await waitForEnd(pool, id)
      expect(await readTaskView(pool, id)).toMatchObject({ status: 'completed' })
    }
  } finally {
    await pubsub.close()
  }
}

describe('a worker of several processes', () => {
  it('shares the tasks, answers for all on one port, and stops as one', async () => {
    const two = await startTwo()
    await doTasks(8)
    const claims = two.lines.filter(({ msg }) => msg === 'task claimed')
    expect(new Set(claims.map((line) => line.process))).toEqual(new Set([1, 2]))
    const { status, text } = await two.page('/readyz')
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { ready: true, postgres: true, subscription: true, accepting: true, processes: true },
    ])
    const metrics = (await two.page('/metrics')).text
    expect(metrics).toMatch(/^concept_worker_processes_running 2$/m)
    const completed = metrics.matchAll(
      /^concept_worker_tasks_total\{type="concept_generation",outcome="completed",code="",process="\d"\} (\d)$/gm,
    )
    expect([...completed].map(([, count]) => Number(count))).toSatisfy(
      ([one = 0, other = 0]) => one + other === 8,
    )
    for (const process of [1, 2]) {
      expect(metrics).toMatch(new RegExp(`^concept_worker_pool_threads\\{process="${process}"\\} 1$`, 'm'))
      expect(metrics).toMatch(new RegExp(`^process_start_time_seconds\\{process="${process}"\\} `, 'm'))
    }
    expect(await two.end('SIGTERM')).toBe(0)
    expect(two.lines.filter(({ msg }) => msg === 'stopped')).toHaveLength(2)
  })

  it('replaces a process that was killed, and says so', async () => {
    const two = await startTwo()
    process.kill(two.pidOf(2), 'SIGKILL')
    const [lost] = await two.logged('a worker process ended by itself', 1)
    expect(lost).toMatchObject({ process: 2, signal: 'SIGKILL' })
    const { status, text } = await two.page('/readyz')
    expect([status, JSON.parse(text)]).toEqual([503, expect.objectContaining({ processes: false })])
    await two.logged(STARTED, 3)
    expect((await two.page('/readyz')).status).toBe(200)
    expect((await two.page('/metrics')).text).toMatch(/^concept_worker_processes_lost_total 1$/m)
    await doTasks(2)
    expect(await two.end('SIGTERM')).toBe(0)
  })

  it('stops well while a process that was killed waits to be replaced', async () => {
    const two = await startTwo()
    process.kill(two.pidOf(1), 'SIGKILL')
    await two.logged('a worker process ended by itself', 1)
    expect(await two.end('SIGTERM')).toBe(0)
    expect(two.lines.filter(({ msg }) => msg === 'stopped')).toHaveLength(1)
  })

  it('drains when the process that keeps them was killed', async () => {
    const two = await startTwo()
    await two.end('SIGKILL')
    const stops = await two.logged('stop requested', 2)
    expect(stops.map(({ signal }) => signal)).toEqual(['orphaned', 'orphaned'])
    expect(two.lines.filter(({ msg }) => msg === 'stopped')).toHaveLength(2)
  })

  it('ends when the process that keeps them was killed before they knew of it', async () => {
    worker = new TwoProcesses(env)
    await worker.logged('worker processes start', 1)
    // Resolves once nobody is left.
    await worker.end('SIGKILL')
    const count = (wanted: string) => worker?.lines.filter(({ msg }) => msg === wanted).length
    // One that learns of it in its start stops without having started.
    expect(count('stopped')).toBeGreaterThanOrEqual(count('worker started') ?? 0)
  })

  it('kills at the bound of a stop what does not end', async () => {
    worker = new TwoProcesses({ ...env, DRAIN_TIMEOUT_MS: '1000' })
    await worker.logged(STARTED, 2)
    process.kill(worker.pidOf(2), 'SIGSTOP')
    expect(await worker.end('SIGTERM')).toBe(1)
    expect(worker.lines.filter(({ msg }) => msg === 'stopped')).toHaveLength(1)
    expect(await worker.logged('worker processes did not end and are killed', 1)).toMatchObject([
      { processes: [2] },
    ])
  })

  it('ends all of them at once with a second signal', async () => {
    const two = await startTwo()
    const pids = [two.pidOf(1), two.pidOf(2)]
    // What hangs cannot drain, and is ended all the same.
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    two.primary.kill('SIGINT')
    await two.logged('stop requested', 1)
    const exited = once(two.primary, 'exit')
    const again = setInterval(() => two.primary.kill('SIGINT'), 100)
    expect((await exited)[0]).toBe(130)
    clearInterval(again)
    for (const pid of pids) process.kill(pid, 'SIGCONT')
    await once(two.primary, 'close')
  })

  it('does not start where one of them could not, and says once why', async () => {
    const { code, stdout, stderr } = await runCommand(['start'], {
      env: { ...env, STORAGE_URL: 'file:///proc/no-such-folder' },
      cwd: folder,
    })
    expect(code).toBe(78)
    expect(stderr).toMatch(/^concept-worker: STORAGE_URL=.*\n$/)
    expect(stdout).not.toContain('ended by itself')
  })
})
