import { MOST_MODEL_CALLS } from '../config/model-variables.ts'
import { defaultImageMemoryMib } from '../pool/available-memory.ts'
import { recolouringNeed } from '../pool/image-cost.ts'
import { defaultProcesses, MOST_PROCESSES, mostProcesses } from '../processes/process-count.ts'
import { tasksInFlight } from '../pool/in-flight-target.ts'
import { libuvThreads } from '../pool/libuv-threads.ts'
import type { ImageMeasurement } from './image-measurement.ts'
import type { DatabaseMeasurement, ModelMeasurement } from './service-measurement.ts'

/** What is known of a machine and of what it talks to; null where there was nothing to measure. */
export type Measured = {
  readonly cores: number
  readonly memoryBytes: number
  readonly oneThread: ImageMeasurement
  readonly allCores: ImageMeasurement
  readonly database: DatabaseMeasurement | null
  readonly models: ModelMeasurement | null
}

export type Setting = {
  readonly variable: string
  /** Null: best left unset. */
  readonly value: number | null
  readonly reason: string
}

export type Recommendation = {
  readonly settings: readonly Setting[]
  readonly tasksPerSecond: number
  /** What has to change for twice as many, in words. */
  readonly forTwice: readonly string[]
}

const MIB = 1024 * 1024
/** Statements that a generation waits for one after the other; most are shared by several tasks. */
const STATEMENTS_A_TASK = 12
/** Against calls that come in crowds. */
const SPARE = 1.25
const PIXELS = 1024 * 1024
/** Of what each further core could add to one thread's work, less than this share is told of: others use the cores. */
const LEAST_SCALING = 0.5

/** The settings for a worker on this machine, with the reason for each. */
export function recommend(measured: Measured): Recommendation {
  const { cores: threads, oneThread, allCores, database, models } = measured
  const databaseMs = STATEMENTS_A_TASK * (database?.roundTripMs ?? 0)
  const mainThreadMs = allCores.mainThreadMs + STATEMENTS_A_TASK * (database?.mainThreadMs ?? 0)
  const modelMs = (models?.imageMs ?? 0) + (models?.paletteMs ?? 0)
  const memoryMib = defaultImageMemoryMib(threads, measured.memoryBytes)
  const mostThreads = Math.max(1, Math.floor(oneThread.imageMs / mainThreadMs))
  const shared = { POOL_MAX_THREADS: threads, IMAGE_MEMORY_MIB: memoryMib }
  const wanted = Math.max(defaultProcesses(shared), Math.ceil(threads / mostThreads))
  const processes = Math.min(wanted, mostProcesses(shared).count, MOST_PROCESSES)
  const tasksPerSecond = Math.min(allCores.tasksPerSecond, (processes * 1_000) / mainThreadMs)
  const inFlight = tasksInFlight(
    { threads, memoryBytes: memoryMib * MIB },
    {
      imageMs: allCores.imageMs,
      elsewhereMs: modelMs + databaseMs,
      meanBytes: recolouringNeed({ pixels: PIXELS, channels: 3 }, 'png').heldBytes,
    },
  )
  const callsWanted = Math.ceil((tasksPerSecond * modelMs * SPARE) / 1_000)
  const calls = Math.min(MOST_MODEL_CALLS, Math.max(threads, callsWanted))
  const scaling = allCores.tasksPerSecond / oneThread.tasksPerSecond
  const settings: Setting[] = [
    {
      variable: 'POOL_MAX_THREADS',
      value: threads,
      reason: `one for each core: ${allCores.threads} did ${scaling.toFixed(2)} times the work of one${doubtOf(scaling, allCores.threads)}`,
    },
    {
      variable: 'WORKER_PROCESSES',
      value: processes,
      reason: `a main thread takes ${ms(mainThreadMs)} of a task's ${ms(oneThread.imageMs)} of image work on a thread that runs alone, and keeps ${mostThreads} threads busy at most; 16 with ease`,
    },
    {
      variable: 'UV_THREADPOOL_SIZE',
      value: null,
      reason: `set by itself, and comes to ${libuvThreads({ POOL_MAX_THREADS: String(Math.ceil(threads / processes)) })} for each process: codecs run on these, one for each image thread, and files and names beside them`,
    },
    {
      variable: 'IMAGE_MEMORY_MIB',
      value: memoryMib,
      reason: `512 for each thread and at least 1024, at most half of the ${Math.floor(measured.memoryBytes / MIB)} MiB there are`,
    },
    {
      variable: 'MAX_TASKS_IN_FLIGHT',
      value: null,
      reason: models
        ? `follows the models by itself, and comes to ${inFlight} at the ${ms(modelMs)} that they take now`
        : 'follows the models by itself; their latency was not measured, as no endpoint is set',
    },
    {
      variable: 'MODEL_CONCURRENCY',
      value: models ? calls : null,
      reason: models
        ? `${tasksPerSecond.toFixed(1)} tasks/s x ${ms(modelMs)} in models, and a quarter more, ${MOST_MODEL_CALLS} at most; the provider has to allow as many`
        : 'not to be said without the latency of the models: tasks/s x seconds in models, and a quarter more',
    },
  ]
  return {
    settings,
    tasksPerSecond,
    forTwice: forTwice(measured, models ? calls : null),
  }
}

function forTwice({ cores, oneThread, database }: Measured, calls: number | null): string[] {
  const twice = 2 * cores
  return [
    `twice the cores: POOL_MAX_THREADS=${twice}, memory for ${twice} threads (${Math.ceil((twice * 512) / 1024)} GiB for images, and as much again)`,
    calls === null
      ? 'twice the model calls at once that the provider allows'
      : `MODEL_CONCURRENCY=${2 * calls} in all, and a provider that allows as many`,
    'ten connections to Postgres for each further process' +
      (database ? `; a round trip takes ${ms(database.roundTripMs)} now` : ''),
    `or less work a task: decoding, analysis and seven variations of 1024x1024 take ${ms(oneThread.imageMs)} of a thread that runs alone; fewer or smaller ones take less`,
  ]
}

const ms = (value: number) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`

/** What to think of threads that add little. */
function doubtOf(scaling: number, threads: number): string {
  const isLittle = scaling < 1 + (threads - 1) * LEAST_SCALING
  return isLittle ? '; that is little: where other work uses the cores now, measure again without it' : ''
}
