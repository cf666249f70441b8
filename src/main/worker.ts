import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { ProcessorRegistry } from '../processors/registry.ts'
import { ConceptStore } from './concepts/concept-store.ts'
import type { Config } from './config/config.ts'
import { prepareDatabase } from './database/database-access.ts'
import { createDatabasePool } from './database/pool.ts'
import { GuardedDownload } from './download/guarded-download.ts'
import type { ServiceAddresses } from './endpoints.ts'
import { MessageHandler } from './intake/message-handler.ts'
import { preparePubSub } from './intake/pubsub-access.ts'
import { createPubSub } from './intake/pubsub-client.ts'
import { Quarantine } from './intake/quarantine.ts'
import { Subscriber } from './intake/subscriber.ts'
import { TaskRunner } from './intake/task-runner.ts'
import { HuggingFaceModels } from './models/hugging-face.ts'
import { EDIT_INPUT_SIDE_PX, IMAGE_LIMITS, outputFormat } from './pool/image-settings.ts'
import { ImageThreads } from './pool/image-threads.ts'
import { ThreadPool } from './pool/thread-pool.ts'
import { LocalFiles } from './storage/local-files.ts'
import { OriginalImageSource } from './storage/original-images.ts'
import { checkStorage } from './storage/storage-check.ts'
import { LeaseKeeper } from './tasks/lease-keeper.ts'
import { Reaper } from './tasks/reaper.ts'
import { TaskStore } from './tasks/task-store.ts'
import { HealthServer } from './telemetry/health-server.ts'

const MAX_ORIGINAL_BYTES = 32 * 1024 * 1024
const DOWNLOAD_TIMEOUT_MS = 30_000
const JOB_TIMEOUT_MS = 60_000
const PATIENCE = { missingTaskMs: 30_000, firstDelayMs: 250 }
/** Beyond the drain itself: time to write the releases and to give the messages back. */
const SETTLE_MS = 10_000

export type Worker = {
  /** Port of the health endpoints; null where none are served. */
  readonly httpPort: number | null
  /**
   * Stops intake, lets tasks in hand end within the drain timeout, releases the rest, and closes every
   * connection. A second call waits for the first.
   */
  stop(): Promise<void>
}

/** Builds the worker from its configuration, in the order in which its parts need each other, and starts it. */
export async function startWorker(config: Config, addresses: ServiceAddresses, log: Logger): Promise<Worker> {
  const workerId = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  const store = new LocalFiles(config.storage.url)
  await checkStorage(store, config)
  const ran = await prepareDatabase(config, addresses.databaseUrl)
  if (ran.length > 0) log.info({ migrations: ran }, 'database migrated')

  const database = createDatabasePool(addresses.databaseUrl, (error) =>
    log.warn({ err: error }, 'an idle database connection broke'),
  )
  const pubsub = createPubSub(config.pubsub.project, addresses.pubsubHost)
  const threads = new ThreadPool({ ...config.pool, jobTimeoutMs: JOB_TIMEOUT_MS })
  const leases = new LeaseKeeper(database, config.tasks.leaseMs, log)
  const download = new GuardedDownload({ maxBytes: MAX_ORIGINAL_BYTES, timeoutMs: DOWNLOAD_TIMEOUT_MS })
  const models = new HuggingFaceModels(
    { ...config.models, endpointUrl: addresses.modelEndpointUrl },
    download,
  )
  const processors = new ProcessorRegistry({
    tasks: new TaskStore(database, leases, {
      workerId,
      leaseMs: config.tasks.leaseMs,
      maxAttempts: config.tasks.maxAttempts,
    }),
    concepts: new ConceptStore(database, leases),
    models,
    images: new ImageThreads(threads, {
      limits: IMAGE_LIMITS,
      editInputSidePx: EDIT_INPUT_SIDE_PX,
      format: outputFormat(config.images),
      strength: config.images.recolourStrength,
    }),
    store,
    originals: new OriginalImageSource(store, download, MAX_ORIGINAL_BYTES),
    log,
  })
  const runner = new TaskRunner(processors, config.tasks.maxInFlight, log)
  const handler = new MessageHandler(
    (reference) => runner.run(reference),
    new Quarantine(database),
    log,
    PATIENCE,
  )
  const subscriber = new Subscriber(
    pubsub,
    {
      subscription: config.pubsub.subscription,
      maxMessages: config.tasks.maxInFlight,
      stopTimeoutMs: config.tasks.drainTimeoutMs + SETTLE_MS,
    },
    (message, stopping) => handler.handle(message, stopping),
    log,
  )
  const reaper = new Reaper(
    database,
    () => runner.freeSlots,
    (reference) => void runner.run(reference),
    log,
  )
  let stopping = false
  const health = new HealthServer(async () => ({
    postgres: await database.query('SELECT 1').then(
      () => true,
      () => false,
    ),
    subscription: subscriber.isOpen,
    accepting: !stopping,
  }))

  const stop = async () => {
    stopping = true
    log.info({ drainTimeoutMs: config.tasks.drainTimeoutMs }, 'draining')
    await reaper.stop()
    const settled = subscriber.stop()
    await runner.drain(config.tasks.drainTimeoutMs)
    await settled
    await leases.stop()
    await Promise.all([threads.stop(), models.stop(), pubsub.close(), database.end(), health.stop()])
    log.info('stopped')
  }
  let stopped: Promise<void> | undefined
  const worker = { stop: () => (stopped ??= stop()) }
  try {
    await preparePubSub(pubsub, config.pubsub, addresses.pubsubHost)
    const httpPort = config.httpPort === null ? null : await health.start(config.httpPort)
    subscriber.start()
    reaper.start()
    log.info(
      {
        workerId,
        ...config.pool,
        maxInFlight: config.tasks.maxInFlight,
        httpPort,
        subscription: config.pubsub.subscription,
      },
      'worker started',
    )
    return { ...worker, httpPort }
  } catch (error) {
    await worker.stop()
    throw error
  }
}
