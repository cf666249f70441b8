import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { ProcessorRegistry } from '../processors/registry.ts'
import { ConceptStore } from './concepts/concept-store.ts'
import type { Config } from './config/config.ts'
import { prepareDatabase } from './database/database-access.ts'
import { createDatabasePool, DATABASE_TIMEOUTS, LEASE_CONNECTIONS } from './database/pool.ts'
import { isPostgresReady } from './database/readiness.ts'
import { GuardedDownload } from './download/guarded-download.ts'
import type { ServiceAddresses } from './endpoints.ts'
import { MessageHandler } from './intake/message-handler.ts'
import { ParkedMessages } from './intake/parked-messages.ts'
import { Parking } from './intake/parking.ts'
import { preparePubSub } from './intake/pubsub-access.ts'
import { createPubSub } from './intake/pubsub-client.ts'
import { Quarantine } from './intake/quarantine.ts'
import { Subscriber } from './intake/subscriber.ts'
import { TaskRunner } from './intake/task-runner.ts'
import { HuggingFaceModels } from './models/hugging-face.ts'
import { EDIT_INPUT_SIDE_PX, IMAGE_LIMITS, outputFormat } from './pool/image-settings.ts'
import { ImageThreads } from './pool/image-threads.ts'
import { ThreadPool } from './pool/thread-pool.ts'
import { Shutdown } from './shutdown.ts'
import { LocalFiles } from './storage/local-files.ts'
import { OriginalImageSource } from './storage/original-images.ts'
import { checkStorage } from './storage/storage-check.ts'
import { LeaseKeeper } from './tasks/lease-keeper.ts'
import { MissingMessages } from './tasks/missing-messages.ts'
import { Reaper } from './tasks/reaper.ts'
import { TaskStore } from './tasks/task-store.ts'
import { HealthServer } from './telemetry/health-server.ts'

const MAX_ORIGINAL_BYTES = 32 * 1024 * 1024
const DOWNLOAD_TIMEOUT_MS = 30_000
const JOB_TIMEOUT_MS = 60_000
const PARKING = { patienceMs: 30_000, firstLookMs: 250, maxLookMs: 4_000, runMs: 10_000 }
const REAPER = { periodMs: 2_000, graceMs: 60_000, maxBeyondShare: 1 / 8 }
const MISSING_MESSAGES = { periodMs: 60_000, graceMs: 600_000 }
/** Google allows a project a limited number of such calls a minute, for all workers together. */
const WATCH = { periodMs: 15_000, againMs: 1_000, answerMs: 3_000 }
/** An emulator loses everything when it is started again; the sooner that is found out the better. */
const EMULATOR_WATCH = { periodMs: 2_000, againMs: 500, answerMs: 3_000 }
/** Beyond the drain itself: time to write the releases and to give the messages back. */
const SETTLE_MS = 6_000
/** Of that, what is left for the releases once the messages have been given back. */
const RELEASE_MS = 1_000
/** After both, for connections and threads to be closed. */
const CLOSE_MS = 2_000

export type Worker = {
  /** Port of the health endpoints; null where none are served. */
  readonly httpPort: number | null
  /**
   * Stops intake, lets tasks in hand end within the drain timeout, releases the rest, and closes every
   * connection. At the latest 8 s after the drain timeout it resolves, whatever hangs, with the names of the parts
   * that have not stopped: the process is to be ended then. A second call waits for the first.
   */
  stop(): Promise<readonly string[]>
}

/** Builds the worker from its configuration, in the order in which its parts need each other, and starts it. */
export async function startWorker(config: Config, addresses: ServiceAddresses, log: Logger): Promise<Worker> {
  const workerId = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  const store = new LocalFiles(config.storage.url)
  await checkStorage(store, config)
  const ran = await prepareDatabase(config, addresses.databaseUrl)
  if (ran.length > 0) log.info({ migrations: ran }, 'database migrated')

  const onIdleError = (error: Error) => log.warn({ err: error }, 'an idle database connection broke')
  const database = createDatabasePool(addresses.databaseUrl, onIdleError)
  const leaseDatabase = createDatabasePool(
    addresses.databaseUrl,
    onIdleError,
    DATABASE_TIMEOUTS,
    LEASE_CONNECTIONS,
  )
  const pubsub = createPubSub(config.pubsub.project, addresses.pubsubHost)
  const threads = new ThreadPool({ ...config.pool, jobTimeoutMs: JOB_TIMEOUT_MS })
  const leases = new LeaseKeeper(leaseDatabase, config.tasks.leaseMs, log)
  const download = new GuardedDownload({ maxBytes: MAX_ORIGINAL_BYTES, timeoutMs: DOWNLOAD_TIMEOUT_MS })
  const models = new HuggingFaceModels(
    { ...config.models, endpointUrl: addresses.modelEndpointUrl },
    download,
  )
  const tasks = new TaskStore(database, leases, {
    workerId,
    leaseMs: config.tasks.leaseMs,
    maxAttempts: config.tasks.maxAttempts,
  })
  const processors = new ProcessorRegistry({
    tasks,
    concepts: new ConceptStore(database, leases, config.tasks.leaseMs),
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
  const quarantine = new Quarantine(database)
  const parked = new ParkedMessages(database, PARKING)
  const parking = new Parking(parked, quarantine, runner, PARKING.firstLookMs, log)
  const handler = new MessageHandler((reference) => runner.run(reference), quarantine, parking, log)
  const prepareSubscription = () => preparePubSub(pubsub, config.pubsub, addresses.pubsubHost)
  const subscriber = new Subscriber(
    pubsub,
    {
      subscription: config.pubsub.subscription,
      watch: addresses.pubsubHost === null ? WATCH : EMULATOR_WATCH,
      maxMessages: config.tasks.maxInFlight,
      stopTimeoutMs: config.tasks.drainTimeoutMs + SETTLE_MS - RELEASE_MS,
    },
    (message, stopping) => handler.handle(message, stopping),
    prepareSubscription,
    log,
  )
  const reaper = new Reaper(
    tasks,
    runner,
    { ...REAPER, maxBeyond: Math.ceil(config.tasks.maxInFlight * REAPER.maxBeyondShare) },
    log,
  )
  const missingMessages = new MissingMessages(database, MISSING_MESSAGES, log)
  let stopping = false
  const health = new HealthServer(async () => ({
    postgres: await isPostgresReady(database),
    subscription: subscriber.isReceiving,
    accepting: !stopping,
  }))

  const stop = async () => {
    stopping = true
    const { drainTimeoutMs } = config.tasks
    log.info({ drainTimeoutMs }, 'draining')
    const settling = new Shutdown(drainTimeoutMs + SETTLE_MS, log)
    const intake = [
      settling.part('reaper', () => reaper.stop()),
      settling.part('missing messages', () => missingMessages.stop()),
      settling.part('parking', () => parking.stop()),
      settling.part('subscription', () => subscriber.stop()),
    ]
    await settling.part('tasks', () => runner.drain(drainTimeoutMs))
    await Promise.all(intake)
    await settling.part('leases', () => leases.stop())
    const closing = new Shutdown(CLOSE_MS, log)
    await Promise.all([
      closing.part('threads', () => threads.stop()),
      closing.part('models', () => models.stop()),
      closing.part('pubsub', () => pubsub.close()),
      closing.part('database', () => Promise.all([database.end(), leaseDatabase.end()])),
      closing.part('health', () => health.stop()),
    ])
    const left = [...settling.end(), ...closing.end()]
    if (left.length === 0) log.info('stopped')
    else log.error({ left, tasks: runner.inHand }, 'stopped in the end, with parts that hang')
    return left
  }
  let stopped: Promise<readonly string[]> | undefined
  const worker = { stop: () => (stopped ??= stop()) }
  try {
    await prepareSubscription()
    const httpPort = config.httpPort === null ? null : await health.start(config.httpPort)
    // The first renewal must not wait for its connection.
    await leaseDatabase.query('SELECT 1')
    subscriber.start()
    reaper.start()
    missingMessages.start()
    parking.start()
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
