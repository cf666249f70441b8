import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import { migrate } from '../src/main/database/migrations.ts'
import { createDatabasePool } from '../src/main/database/pool.ts'
import { startStandIns } from '../src/main/embedded/start-stand-ins.ts'
import { createPubSub } from '../src/main/intake/pubsub-client.ts'
import { bringAbout, planFaults } from './fault-plan.ts'
import { FaultyModels } from './faulty-models.ts'
import { planTasks } from './planned-tasks.ts'
import { PostgresService } from './postgres-service.ts'
import { PubSubService } from './pubsub-service.ts'
import { Random } from './random.ts'
import { StoredObjects } from './stored-objects.ts'
import { TaskFlow } from './task-flow.ts'
import { judge, type Evidence, type Findings } from './verdict.ts'
import { installWitness } from './witness.ts'
import { WorkerFleet } from './worker-fleet.ts'

export type ChaosOptions = {
  readonly seed: number
  readonly tasks: number
  /** Hears in words what happens. */
  readonly say: (text: string) => void
}

export type ChaosResult = Findings & {
  readonly seed: number
  readonly tasks: number
  /** Of workers. */
  readonly kills: number
  readonly leasesLost: number
}

const WORKERS = 4
const MODEL_FAULT_SHARE = 0.2
/** Tasks that flow in within a second, and tasks for each end of a worker. */
const TASKS_PER_SECOND = 4
const TASKS_PER_WORKER_END = 20
/** For the last tasks to end when all is well again. */
const PATIENCE_MS = 180_000
const POLL_MS = 500
const TELL_MS = 10_000

const SETTINGS = {
  PUBSUB_PROJECT: 'concept-worker',
  LEASE_MS: '5000',
  DRAIN_TIMEOUT_MS: '3000',
  MODEL_TIMEOUT_MS: '5000',
  MAX_ATTEMPTS: '30',
  POOL_MAX_THREADS: '1',
  LOG_LEVEL: 'info',
}

/** Lets tasks flow through a fleet of workers while everything around them fails, and judges what is left. */
export async function runChaos({ seed, tasks, say }: ChaosOptions): Promise<ChaosResult> {
  const folder = await mkdtemp(join(tmpdir(), 'concept-worker-chaos-'))
  const random = new Random(seed)
  const plans = planTasks(tasks, random)
  const faults = planFaults(Math.max(2, Math.round(tasks / TASKS_PER_WORKER_END)), random)
  const durationMs = (tasks / TASKS_PER_SECOND) * 1000
  const images = join(folder, 'images')
  await mkdir(images)
  const cleanUp: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const postgres = await PostgresService.start(join(folder, 'postgres'))
    cleanUp.push(() => postgres.stop())
    const pubsub = await PubSubService.start()
    cleanUp.push(() => pubsub.stop())
    const drawing = await startStandIns(['models'], join(folder, 'models'))
    cleanUp.push(() => drawing.stop())
    const models = await FaultyModels.start(drawing.addresses.models ?? '', random, MODEL_FAULT_SHARE)
    cleanUp.push(() => models.stop())
    await migrate(postgres.url)
    const pool = createDatabasePool(postgres.url, () => undefined)
    cleanUp.push(() => pool.end())
    await installWitness(pool)
    const client = createPubSub(SETTINGS.PUBSUB_PROJECT, pubsub.address)
    cleanUp.push(() => client.close())

    const fleet = new WorkerFleet(WORKERS, {
      ...SETTINGS,
      DATABASE_URL: postgres.url,
      PUBSUB_EMULATOR_HOST: pubsub.address,
      MODEL_ENDPOINT_URL: models.url,
      STORAGE_URL: pathToFileURL(images).href,
    })
    cleanUp.push(() => fleet.stop())
    await fleet.start()
    say(`${WORKERS} workers run; ${tasks} tasks flow in within ${durationMs / 1000} s`)
    const flow = new TaskFlow(pool, client)
    await Promise.all([
      flow.run(plans, durationMs),
      bringAbout(faults, durationMs, { fleet, postgres, pubsub }, random, say),
    ])
    models.recover()
    say('all is well again; the last tasks end, those included whose message the broker lost')
    await passGrace(pool)
    await untilEnded(pool, say)
    await fleet.stop()
    const evidence: Evidence = {
      pool,
      objects: new StoredObjects(images),
      handedIn: flow.handedIn,
      garbage: flow.garbage,
      paid: models.paid,
      ends: fleet.ends,
    }
    const kills = fleet.ends.filter(({ asked }) => asked === 'SIGKILL').length
    return { seed, tasks, kills, leasesLost: fleet.leasesLost, ...(await judge(evidence)) }
  } finally {
    for (const step of cleanUp.toReversed()) await step()
  }
}

/** For tasks whose message the broker lost the minute is over in which workers wait for it. */
async function passGrace(pool: Pool): Promise<void> {
  await pool.query(
    `UPDATE tasks SET run_at = run_at - interval '1 minute' WHERE status = 'pending' AND request IS NULL`,
  )
}

/** Until every task has an end and nothing is left to be tidied up, or patience is over. */
async function untilEnded(pool: Pool, say: ChaosOptions['say']): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS
  let tellAtMs = performance.now() + TELL_MS
  while (performance.now() < deadlineMs) {
    const { rows } = await pool.query<Record<'tasks' | 'folders' | 'messages', number>>(
      `SELECT (SELECT count(*) FROM tasks WHERE status IN ('pending', 'processing'))::int AS tasks,
              (SELECT count(*) FROM task_folders)::int AS folders,
              (SELECT count(*) FROM parked_messages)::int AS messages`,
    )
    const { tasks = 0, folders = 0, messages = 0 } = rows[0] ?? {}
    if (tasks + folders + messages === 0) return
    if (performance.now() >= tellAtMs) {
      say(`open: ${tasks} tasks, ${folders} folders to tidy up, ${messages} parked messages`)
      tellAtMs += TELL_MS
    }
    await delay(POLL_MS)
  }
}
