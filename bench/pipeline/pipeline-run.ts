import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Pool } from 'pg'
import { migrate } from '../../src/main/database/migrations.ts'
import { createDatabasePool } from '../../src/main/database/pool.ts'
import { createPubSub } from '../../src/main/intake/pubsub-client.ts'
import { ensurePubSubResources } from '../../src/main/intake/pubsub-resources.ts'
import { libuvThreads } from '../../src/main/pool/libuv-threads.ts'
import { GENERATION } from '../../src/processors/task.ts'
import { BenchProcess } from '../bench-process.ts'
import { expectTasks } from '../counts.ts'
import type { BenchServices } from '../services.ts'
import type { ModelInput } from './model-process.ts'
import { busyShare, untilProgress } from './task-progress.ts'
import type { WorkerInput, WorkerReport, WorkerStart } from './worker-process.ts'

export type PipelineOptions = {
  readonly tasks: number
  readonly sidePx: number
  /** Null: as the worker finds it by itself. */
  readonly maxInFlight: number | null
}

/** What one latency has shown, between the warm-up and the last claim. */
export type PipelineFigures = {
  readonly latencyMs: number
  readonly tasks: number
  readonly windowMs: number
  readonly tasksPerSecond: number
  readonly threads: number
  /** Share of the threads' time in which jobs ran on them. */
  readonly poolBusy: number
  readonly eventLoopDelayP99Ms: number
  /** CPU of the worker's process but its main thread. */
  readonly imageCpuMsPerTask: number
  readonly mainThreadCpuMsPerTask: number
  /** Tasks per second over cores divided by the image CPU-seconds of a task. */
  readonly vsIdeal: number
  /** Tasks in hand at the end of the warm-up and at the last claim. */
  readonly inHand: readonly [number, number]
}

const PROJECT = 'concept-worker'
const TOPIC = 'concept-tasks'
const SUBSCRIPTION = 'concept-tasks-worker'
const FIELDS = { logo_description: 'a fox that reads a newspaper', theme_description: 'autumn forest' }
/** Of the tasks, so many do not count: the pictures' code is compiled, and the tasks in hand find their number. */
const WARM_UP_SHARE = 0.25
/** Tasks that have to end between the warm-up and the last claim for a figure to be one. */
const FEWEST_MEASURED = 10

/** Those that are in hand at the last claim are not measured, and neither is the warm-up. */
export function fewestTasks(inHand: number): number {
  return Math.ceil((inHand + FEWEST_MEASURED) / (1 - WARM_UP_SHARE))
}

/** Lets generation tasks that wait at the broker flow through one worker. */
export function runPipeline(
  latencyMs: number,
  options: PipelineOptions,
  { folder, pubsubHost, withDatabase }: BenchServices,
): Promise<PipelineFigures> {
  return withDatabase(`pipeline_${latencyMs}`, async (databaseUrl) => {
    await migrate(databaseUrl)
    const pool = createDatabasePool(databaseUrl, () => undefined)
    const processes: BenchProcess[] = []
    try {
      const names = { topic: `${TOPIC}-${latencyMs}`, subscription: `${SUBSCRIPTION}-${latencyMs}` }
      await handIn(pool, pubsubHost, names, options.tasks)
      const images = join(folder, `images-${latencyMs}`)
      await mkdir(images)
      const input: ModelInput = { latencyMs, sidePx: options.sidePx }
      const models = new BenchProcess(new URL('./model-process.ts', import.meta.url), input)
      processes.push(models)
      const { url: modelEndpointUrl } = await models.next<{ url: string }>()
      const workerInput: WorkerInput = {
        env: {
          DATABASE_URL: databaseUrl,
          PUBSUB_PROJECT: PROJECT,
          PUBSUB_EMULATOR_HOST: pubsubHost,
          PUBSUB_TOPIC: names.topic,
          PUBSUB_SUBSCRIPTION: names.subscription,
          MODEL_ENDPOINT_URL: modelEndpointUrl,
          STORAGE_URL: pathToFileURL(images).href,
          LOG_LEVEL: 'error',
          ...(options.maxInFlight === null ? {} : { MAX_TASKS_IN_FLIGHT: String(options.maxInFlight) }),
        },
        addresses: { databaseUrl, pubsubHost, modelEndpointUrl },
      }
      const worker = new BenchProcess(new URL('./worker-process.ts', import.meta.url), workerInput, {
        UV_THREADPOOL_SIZE: String(libuvThreads(process.env)),
      })
      processes.push(worker)
      const { threads } = await worker.next<WorkerStart>()
      return { latencyMs, threads, ...(await measure(pool, worker, threads, options.tasks)) }
    } finally {
      for (const each of processes.toReversed()) await each.end()
      await pool.end()
    }
  })
}

async function handIn(
  pool: Pool,
  pubsubHost: string,
  { topic, subscription }: { readonly topic: string; readonly subscription: string },
  tasks: number,
): Promise<void> {
  const pubsub = createPubSub(PROJECT, pubsubHost)
  try {
    await ensurePubSubResources(pubsub, topic, subscription)
    const taskIds = Array.from({ length: tasks }, () => randomUUID())
    await pool.query(
      `INSERT INTO tasks (id, user_id, type, metadata) SELECT id, 'user-1', $2, $3 FROM unnest($1::uuid[]) AS id`,
      [taskIds, GENERATION, JSON.stringify(FIELDS)],
    )
    await Promise.all(
      taskIds.map((taskId) =>
        pubsub.topic(topic).publishMessage({
          json: { task_id: taskId, user_id: 'user-1', task_type: GENERATION, ...FIELDS },
        }),
      ),
    )
  } finally {
    await pubsub.close()
  }
}

async function measure(
  pool: Pool,
  worker: BenchProcess,
  threads: number,
  tasks: number,
): Promise<Omit<PipelineFigures, 'latencyMs' | 'threads'>> {
  const warm = await untilProgress(pool, ({ completed }) => completed >= tasks * WARM_UP_SHARE)
  await worker.ask('begin')
  const from = await databaseTime(pool)
  const last = await untilProgress(pool, ({ pending }) => pending === 0)
  const to = await databaseTime(pool)
  const { cpu, eventLoopDelayP99Ms } = await worker.ask<WorkerReport>('end')
  // The steps of a task are written down with its end.
  await untilProgress(pool, ({ completed }) => completed === tasks)
  const windowMs = to.getTime() - from.getTime()
  const measured = last.completed - warm.completed
  if (measured < FEWEST_MEASURED) {
    const fewest = Math.max(fewestTasks(last.inHand), 2 * tasks)
    expectTasks(tasks, fewest, `${measured} ended between the warm-up and the last claim`)
  }
  const tasksPerSecond = (measured / windowMs) * 1_000
  const imageCpuMsPerTask = (cpu.processMs - cpu.mainThreadMs) / measured
  return {
    tasks: measured,
    windowMs,
    tasksPerSecond,
    poolBusy: await busyShare(pool, threads, from, to),
    eventLoopDelayP99Ms,
    imageCpuMsPerTask,
    mainThreadCpuMsPerTask: cpu.mainThreadMs / measured,
    vsIdeal: (tasksPerSecond * imageCpuMsPerTask) / 1_000 / availableParallelism(),
    inHand: [warm.inHand, last.inHand],
  }
}

async function databaseTime(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now')
  return rows[0]?.now ?? new Date(Number.NaN)
}
