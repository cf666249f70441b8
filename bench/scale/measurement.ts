import { setTimeout as delay } from 'node:timers/promises'
import { createDatabasePool } from '../../src/main/database/pool.ts'
import { createPubSub } from '../../src/main/intake/pubsub-client.ts'
import { firstTasksInFlight } from '../../src/main/pool/in-flight-target.ts'
import { libuvThreads } from '../../src/main/pool/libuv-threads.ts'
import { MeasuringProcess } from '../measuring-process.ts'
import type { Profile } from './profile.ts'
import type { Services } from './services.ts'
import { TaskBacklog } from './task-backlog.ts'
import type { Sample, WorkerAnswer, WorkerQuestion } from './worker-process.ts'

/** What one number of threads came to. */
export type Measurement = Sample & {
  readonly threads: number
  readonly tasks: number
  readonly durationMs: number
  readonly failed: number
  readonly profile: Profile
}

export type Run = { readonly seconds: number; readonly isProfiled: boolean }

const PROJECT = 'concept-worker'
const ENTRY = new URL('worker-process.ts', import.meta.url)
/** No machine that this is run on does more. */
const MOST_TASKS_PER_SECOND = 400
const POLL_MS = 100
/** Beside those that are taken in at once at the start. */
const WARM_UP_TASKS = 100
const PATIENCE_MS = 300_000
const MAINTENANCE_DATABASE = 'postgres'

/** Runs one worker with so many hollow threads and more tasks than it can do, each time on a database of its own. */
export async function measureThreads(threads: number, services: Services, run: Run): Promise<Measurement> {
  const database = `scale_${threads}`
  const admin = createDatabasePool(databaseUrl(services, MAINTENANCE_DATABASE), () => undefined)
  try {
    await admin.query(`CREATE DATABASE ${database}`)
  } finally {
    await admin.end()
  }
  const topic = `scale-${threads}`
  const worker = new MeasuringProcess<WorkerQuestion, WorkerAnswer>(ENTRY, {
    DATABASE_URL: databaseUrl(services, database),
    PUBSUB_PROJECT: PROJECT,
    PUBSUB_EMULATOR_HOST: services.pubsubAddress,
    PUBSUB_TOPIC: topic,
    PUBSUB_SUBSCRIPTION: topic,
    MODEL_ENDPOINT_URL: services.modelsUrl,
    STORAGE_URL: services.storageUrl,
    POOL_MAX_THREADS: String(threads),
    UV_THREADPOOL_SIZE: String(libuvThreads({ POOL_MAX_THREADS: String(threads) })),
    HOLLOW_ANSWERS: services.answersFile,
    HOLLOW_ENTRY: services.hollowEntry.href,
  })
  const pool = createDatabasePool(databaseUrl(services, database), () => undefined)
  const pubsub = createPubSub(PROJECT, services.pubsubAddress)
  try {
    await worker.ask({ ask: 'start' })
    const backlog = new TaskBacklog(pool, pubsub, topic)
    const perSecond = Math.min(MOST_TASKS_PER_SECOND, (threads * 1_000) / services.taskMs)
    const warmUpTasks = firstTasksInFlight(threads) + WARM_UP_TASKS
    await backlog.add(Math.ceil(3 * warmUpTasks + perSecond * run.seconds * (run.isProfiled ? 3 : 1.5)))
    await warmUp(backlog, warmUpTasks)
    const measured = await measure(backlog, worker, run)
    return { threads, ...measured, profile: run.isProfiled ? await profileOf(worker, run) : [] }
  } finally {
    await Promise.allSettled([worker.stop(), pubsub.close(), pool.end()])
  }
}

type WorkerProcess = MeasuringProcess<WorkerQuestion, WorkerAnswer>

/** Until code is compiled, connections are open, and the number of tasks in hand has found its measure. */
async function warmUp(backlog: TaskBacklog, tasks: number): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS
  while ((await backlog.counts()).completed < tasks) {
    if (performance.now() > deadlineMs)
      throw new Error('the worker has not completed its first tasks in time')
    await delay(POLL_MS)
  }
}

async function measure(backlog: TaskBacklog, worker: WorkerProcess, { seconds }: Run) {
  const before = await backlog.counts()
  await worker.ask({ ask: 'sample' })
  const startMs = performance.now()
  await delay(seconds * 1_000)
  const sample = (await worker.ask({ ask: 'sample' })) as Sample
  const durationMs = performance.now() - startMs
  const { waiting, completed, failed } = await backlog.counts()
  if (waiting === 0) throw new Error('there were not enough tasks to keep the threads busy')
  return { ...sample, durationMs, tasks: completed - before.completed, failed }
}

async function profileOf(worker: WorkerProcess, { seconds }: Run): Promise<Profile> {
  await worker.ask({ ask: 'profile' })
  await delay(seconds * 1_000)
  return (await worker.ask({ ask: 'profiled' })) as Profile
}

function databaseUrl(services: Services, database: string): string {
  const url = new URL(services.databaseUrl)
  url.pathname = `/${database}`
  return url.href
}
