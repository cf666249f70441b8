import { setTimeout as delay } from 'node:timers/promises'
import { loadConfig } from '../../src/main/config/config.ts'
import { createDatabasePool } from '../../src/main/database/pool.ts'
import { createPubSub } from '../../src/main/intake/pubsub-client.ts'
import { firstTasksInFlight } from '../../src/main/pool/in-flight-target.ts'
import { libuvThreads } from '../../src/main/pool/libuv-threads.ts'
import { sharesOf } from '../../src/main/processes/shares.ts'
import { MeasuringProcess } from '../measuring-process.ts'
import type { Profile } from './profile.ts'
import type { Services } from './services.ts'
import { TaskBacklog } from './task-backlog.ts'
import type { Sample, WorkerAnswer, WorkerQuestion } from './worker-process.ts'

/** What one number of threads came to, in all processes together; the delay is that of the worst of them. */
export type Measurement = Sample & {
  readonly threads: number
  readonly processes: number
  /** How many times as long as real ones the threads took. */
  readonly stretch: number
  readonly tasks: number
  readonly durationMs: number
  readonly failed: number
  readonly profile: Profile
}

export type Run = {
  readonly seconds: number
  readonly stretch: number
  readonly isProfiled: boolean
  /** Undefined: as many as the worker has by default. */
  readonly processes: number | undefined
}

const PROJECT = 'concept-worker'
const ENTRY = new URL('worker-process.ts', import.meta.url)
/** No machine that this is run on does more. */
const MOST_TASKS_PER_SECOND = 400
const POLL_MS = 100
/** Beside those that are taken in at once at the start. */
const WARM_UP_TASKS = 100
const PATIENCE_MS = 300_000
const MIB_PER_THREAD = 512
const MAINTENANCE_DATABASE = 'postgres'

/**
 * Runs one worker with so many hollow threads, and more tasks than it can do, each time on a database of its own.
 */
export async function measureThreads(threads: number, services: Services, run: Run): Promise<Measurement> {
  const name = `scale_${threads}_${run.stretch}`
  const admin = createDatabasePool(databaseUrl(services, MAINTENANCE_DATABASE), () => undefined)
  try {
    await admin.query(`CREATE DATABASE ${name}`)
  } finally {
    await admin.end()
  }
  const env = {
    DATABASE_URL: databaseUrl(services, name),
    PUBSUB_PROJECT: PROJECT,
    PUBSUB_EMULATOR_HOST: services.pubsubAddress,
    PUBSUB_TOPIC: name,
    PUBSUB_SUBSCRIPTION: name,
    MODEL_ENDPOINT_URL: services.modelsUrl,
    STORAGE_URL: services.storageUrl,
    POOL_MAX_THREADS: String(threads),
    WORKER_PROCESSES: String(run.processes ?? ''),
    // As on a machine that has so many cores: this one's memory would allow fewer.
    IMAGE_MEMORY_MIB: String(MIB_PER_THREAD * Math.max(threads, 2)),
    HOLLOW_ANSWERS: services.answersFile,
    HOLLOW_ENTRY: services.hollowEntry.href,
    HOLLOW_STRETCH: String(run.stretch),
  }
  const workers = sharesOf(loadConfig(env), env).map(
    (share) =>
      new MeasuringProcess<WorkerQuestion, WorkerAnswer>(ENTRY, {
        ...env,
        ...share,
        UV_THREADPOOL_SIZE: String(libuvThreads(share)),
      }),
  )
  const pool = createDatabasePool(databaseUrl(services, name), () => undefined)
  const pubsub = createPubSub(PROJECT, services.pubsubAddress)
  try {
    // The first migrates the schema.
    for (const worker of workers) await worker.ask({ ask: 'start' })
    const backlog = new TaskBacklog(pool, pubsub, name)
    const perSecond = Math.min(MOST_TASKS_PER_SECOND, (threads * 1_000) / (services.taskMs * run.stretch))
    const warmUpTasks = firstTasksInFlight(threads) + WARM_UP_TASKS
    await backlog.add(Math.ceil(3 * warmUpTasks + perSecond * run.seconds * (run.isProfiled ? 3 : 1.5)))
    await warmUp(backlog, warmUpTasks)
    const measured = await measure(backlog, workers, run)
    const profile = run.isProfiled ? await profileOf(workers[0]!, run) : []
    return { threads, processes: workers.length, stretch: run.stretch, ...measured, profile }
  } finally {
    await Promise.allSettled([...workers.map((worker) => worker.stop()), pubsub.close(), pool.end()])
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

async function measure(backlog: TaskBacklog, workers: readonly WorkerProcess[], { seconds }: Run) {
  const before = await backlog.counts()
  const sampleAll = () =>
    Promise.all(workers.map(async (worker) => (await worker.ask({ ask: 'sample' })) as Sample))
  await sampleAll()
  const startMs = performance.now()
  await delay(seconds * 1_000)
  const samples = await sampleAll()
  const durationMs = performance.now() - startMs
  const { waiting, completed, failed } = await backlog.counts()
  if (waiting === 0) throw new Error('there were not enough tasks to keep the threads busy')
  const sum = (value: (sample: Sample) => number) =>
    samples.reduce((total, sample) => total + value(sample), 0)
  return {
    mainThreadCpuMs: sum(({ mainThreadCpuMs }) => mainThreadCpuMs),
    processCpuMs: sum(({ processCpuMs }) => processCpuMs),
    eventLoopDelayP99Ms: Math.max(...samples.map(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms)),
    durationMs,
    tasks: completed - before.completed,
    failed,
  }
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
