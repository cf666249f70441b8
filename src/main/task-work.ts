import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { ProcessorRegistry } from '../processors/registry.ts'
import { BREAKER } from './availability/circuit-breaker.ts'
import { CheckpointStore } from './concepts/checkpoint-store.ts'
import { ConceptStore } from './concepts/concept-store.ts'
import { TaskFolders } from './concepts/task-folders.ts'
import type { Config } from './config/config.ts'
import { GuardedDownload } from './download/guarded-download.ts'
import type { ServiceAddresses } from './endpoints.ts'
import { GovernedModels } from './models/governed-models.ts'
import { ModelThread } from './models/model-thread.ts'
import { ImageMemory } from './pool/image-memory.ts'
import { EDIT_INPUT_SIDE_PX, IMAGE_LIMITS, outputFormat } from './pool/image-settings.ts'
import { ImageThreads } from './pool/image-threads.ts'
import { InFlightTarget } from './pool/in-flight-target.ts'
import type { MainThreadLoad } from './pool/main-thread-load.ts'
import type { ThreadPool, ThreadPoolOptions } from './pool/thread-pool.ts'
import type { GovernedStorage } from './storage/governed-storage.ts'
import { OriginalImageSource } from './storage/original-images.ts'
import type { LeaseKeeper } from './tasks/lease-keeper.ts'
import { TaskStore } from './tasks/task-store.ts'
import type { Metrics } from './telemetry/metrics.ts'

const MIB = 1024 * 1024
const MAX_ORIGINAL_BYTES = 32 * MIB
const DOWNLOAD_TIMEOUT_MS = 30_000

/** What tasks are worked on with, however they come in. */
export type TaskWork = {
  readonly processors: ProcessorRegistry
  readonly tasks: TaskStore
  readonly folders: TaskFolders
  readonly models: GovernedModels
  readonly modelThread: ModelThread
  readonly threads: ThreadPool
  readonly imageMemory: ImageMemory
  readonly inFlight: InFlightTarget
}

export type TaskWorkParts = {
  /** The worker's name in Postgres. */
  readonly workerId: string
  readonly store: GovernedStorage
  readonly database: Pool
  readonly leases: LeaseKeeper
  readonly metrics: Metrics
  readonly mainThread: MainThreadLoad
  readonly createThreads: (options: ThreadPoolOptions) => ThreadPool
  readonly log: Logger
}

/** Builds it, in the order in which its parts need each other: the pool, the models' thread, and the processors. */
export function createTaskWork(
  config: Config,
  addresses: ServiceAddresses,
  { workerId, store, database, leases, metrics, mainThread, createThreads, log }: TaskWorkParts,
): TaskWork {
  const { leaseMs, maxAttempts, maxInFlight } = config.tasks
  const threads = createThreads({
    ...config.pool,
    mainThread,
    onThreadLost: (lost, job) => log.warn({ err: lost, job }, 'an image thread was lost under its job'),
  })
  const memoryBytes = config.pool.imageMemoryMib * MIB
  const imageMemory = new ImageMemory(memoryBytes, threads.threads)
  const inFlight = new InFlightTarget({ threads: threads.threads, memoryBytes }, maxInFlight, mainThread)
  const modelThread = new ModelThread(
    { ...config.models, endpointUrl: addresses.modelEndpointUrl },
    {
      onThreadLost: (lost, calls) =>
        log.error({ err: lost, calls }, 'the thread that calls the models was lost with its calls'),
    },
  )
  const { concurrency } = config.models
  const models = new GovernedModels(modelThread, { concurrency, breaker: BREAKER }, metrics, log)
  const images = new ImageThreads(
    threads,
    imageMemory,
    {
      limits: IMAGE_LIMITS,
      editInputSidePx: EDIT_INPUT_SIDE_PX,
      format: outputFormat(config.images),
      strength: config.images.recolourStrength,
    },
    (use) => inFlight.record(use),
  )
  const download = new GuardedDownload({ maxBytes: MAX_ORIGINAL_BYTES, timeoutMs: DOWNLOAD_TIMEOUT_MS })
  const tasks = new TaskStore(database, leases, { workerId, leaseMs, maxAttempts })
  const folders = new TaskFolders(database, leaseMs)
  const processors = new ProcessorRegistry({
    tasks,
    concepts: new ConceptStore(database, leases, leaseMs),
    checkpoints: new CheckpointStore(database, leases, leaseMs),
    folders,
    models,
    images,
    store,
    originals: new OriginalImageSource(store, download, MAX_ORIGINAL_BYTES),
    log,
    meter: metrics,
  })
  return { processors, tasks, folders, models, modelThread, threads, imageMemory, inFlight }
}
