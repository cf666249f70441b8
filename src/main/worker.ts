import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { PubSub } from '@google-cloud/pubsub'
import type { Logger } from 'pino'
import { TASK_TYPES } from '../processors/task.ts'
import { BREAKER } from './availability/circuit-breaker.ts'
import { FolderSweeper } from './concepts/folder-sweeper.ts'
import type { Config } from './config/config.ts'
import { makeFirstConnection, prepareDatabase } from './database/database-access.ts'
import { CONNECTIONS, createDatabasePool, DATABASE_TIMEOUTS, LEASE_CONNECTIONS } from './database/pool.ts'
import { isPostgresReady } from './database/readiness.ts'
import type { ServiceAddresses } from './endpoints.ts'
import { DatabaseOutage } from './intake/database-outage.ts'
import { MessageHandler } from './intake/message-handler.ts'
import { ParkedMessages } from './intake/parked-messages.ts'
import { Parking } from './intake/parking.ts'
import { preparePubSub } from './intake/pubsub-access.ts'
import { createPubSub } from './intake/pubsub-client.ts'
import { Quarantine } from './intake/quarantine.ts'
import { Subscriber } from './intake/subscriber.ts'
import { TaskRunner } from './intake/task-runner.ts'
import { MODEL_NAMES } from './models/governed-models.ts'
import { Dependencies, heldBack } from './availability/held-tasks.ts'
import { packageVersion } from './package-version.ts'
import { MainThreadLoad } from './pool/main-thread-load.ts'
import { ThreadPool, type ThreadPoolOptions } from './pool/thread-pool.ts'
import { GovernedStorage } from './storage/governed-storage.ts'
import { openCheckedStorage } from './storage/storage-check.ts'
import { LeaseKeeper } from './tasks/lease-keeper.ts'
import { MissingMessages } from './tasks/missing-messages.ts'
import { Reaper } from './tasks/reaper.ts'
import { hasUnheardTask } from './tasks/unheard-tasks.ts'
import { Backlog } from './telemetry/backlog.ts'
import { HealthServer, type ReadinessChecks } from './telemetry/health-server.ts'
import { Metrics } from './telemetry/metrics.ts'
import { createTaskWork } from './task-work.ts'
import { endWorker } from './worker-end.ts'

const PARKING = { patienceMs: 30_000, firstLookMs: 250, maxLookMs: 4_000, runMs: 10_000 }
const REAPER = { periodMs: 2_000, graceMs: 60_000 }
const MISSING_MESSAGES = { periodMs: 60_000, graceMs: 600_000 }
/** Google allows a project a limited number of such calls a minute, for all workers together. */
const WATCH = { periodMs: 15_000, againMs: 1_000, answerMs: 3_000 }
/** An emulator loses everything when it is started again; the sooner that is found out the better. */
const EMULATOR_WATCH = { periodMs: 2_000, againMs: 500, answerMs: 3_000 }
const SILENCE = { silentMs: 30_000, maxSilentMs: 600_000 }
const REPLACE_STREAM_AFTER_MS = 10_000
const POSTGRES_PERIOD_MS = 1_000

export type Worker = {
  /** Port of the health endpoints; null where none are served. */
  readonly httpPort: number | null
  /** What the health endpoints tell, for where another process answers them. */
  readonly readiness: ReadinessChecks
  readonly metrics: Metrics
  /**
   * Stops intake, lets tasks in hand end within the drain timeout, which is the configured one if none is given, releases
   * the rest, and closes every connection. At the latest 8 s after the drain timeout it resolves, whatever hangs, with the
   * names of the parts that have not stopped: the process is to be ended then. A second call waits for the first.
   */
  stop(drainTimeoutMs?: number): Promise<readonly string[]>
}

export type WorkerOptions = {
  /** Makes the image threads. */
  readonly createThreads?: (options: ThreadPoolOptions) => ThreadPool
  /** Once it is aborted, a worker that has not started takes in nothing: the start throws the signal's reason. */
  readonly unwanted?: AbortSignal
}

/** Builds the worker from its configuration, in the order in which its parts need each other, and starts it. */
export async function startWorker(
  config: Config,
  addresses: ServiceAddresses,
  log: Logger,
  { createThreads = (options) => new ThreadPool(options), unwanted }: WorkerOptions = {},
): Promise<Worker> {
  const workerId = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  const store = new GovernedStorage(await openCheckedStorage(config), BREAKER, log)
  const ran = await prepareDatabase(config, addresses.databaseUrl).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  if (ran.length > 0) log.info({ migrations: ran }, 'database migrated')

  const onIdleError = (error: Error) => log.warn({ err: error }, 'an idle database connection broke')
  const database = createDatabasePool(
    addresses.databaseUrl,
    onIdleError,
    DATABASE_TIMEOUTS,
    CONNECTIONS,
    workerId,
  )
  const leaseDatabase = createDatabasePool(
    addresses.databaseUrl,
    onIdleError,
    DATABASE_TIMEOUTS,
    LEASE_CONNECTIONS,
    workerId,
  )
  const mainThread = new MainThreadLoad()
  const leases = new LeaseKeeper(leaseDatabase, config.tasks.leaseMs, log)
  const metrics = new Metrics(await packageVersion())
  const work = createTaskWork(config, addresses, {
    workerId,
    store,
    database,
    leases,
    metrics,
    mainThread,
    createThreads,
    log,
  })
  const { processors, tasks, models, threads, inFlight } = work
  const needed = new Dependencies([models, store])
  const draining = new AbortController()
  const runner = new TaskRunner(processors, inFlight, metrics, log)
  const backlog = new Backlog(database)
  metrics.watch({
    tasksInFlight: () => runner.inHand.length,
    pool: () => ({
      threads: threads.threads,
      busy: threads.busyThreads,
      queued: threads.queuedJobs,
      lost: threads.threadsLost,
    }),
    models: () => MODEL_NAMES.map((model) => ({ model, ...models.standing(model) })),
    storage: () => store.standing,
    leases: () => leases.counts,
    imageMemory: () => work.imageMemory,
    backlog: () => backlog.read(),
  })
  const quarantine = new Quarantine(database)
  const parked = new ParkedMessages(database, PARKING)
  // While a model or the storage is down nobody claims a task that needs it only to let it wait.
  const run = heldBack((reference) => runner.run(reference), needed, draining.signal)
  const parking = new Parking(
    parked,
    quarantine,
    {
      // Nobody knows the types of the tasks before they are handed over.
      get freeSlots() {
        return TASK_TYPES.every((type) => needed.isCalm(type)) ? runner.freeSlots : 0
      },
      run,
    },
    PARKING.firstLookMs,
    log,
  )
  const outage = new DatabaseOutage(
    () => isPostgresReady(database),
    {
      began: () => subscriber.suspend('Postgres is away'),
      ended: () => subscriber.resume('Postgres is away'),
    },
    POSTGRES_PERIOD_MS,
    log,
  )
  const handler = new MessageHandler(run, quarantine, parking, outage, log)
  const connect = () => createPubSub(config.pubsub.project, addresses.pubsubHost)
  const prepare = (pubsub: PubSub) => preparePubSub(pubsub, config.pubsub, addresses.pubsubHost)
  const subscriber = new Subscriber(
    {
      subscription: config.pubsub.subscription,
      watch: addresses.pubsubHost === null ? WATCH : EMULATOR_WATCH,
      silence: SILENCE,
      replaceAfterMs: REPLACE_STREAM_AFTER_MS,
      maxMessages: inFlight,
    },
    { connect, prepare, isWorkWaiting: (forMs) => hasUnheardTask(database, forMs) },
    (message, stopping) => handler.handle(message, stopping),
    log,
  )
  const noticeOutage = (error: unknown): never => {
    void outage.passed()
    throw error
  }
  const reaper = new Reaper(
    {
      // The one that asks Postgres all the time: without it an outage shows only where a message comes.
      claimDue: (search) => tasks.claimDue(search).catch(noticeOutage),
      takeBack: (inHand) => tasks.takeBack(inHand).catch(noticeOutage),
    },
    runner,
    needed,
    {
      ...REAPER,
      get maxBeyond() {
        return inFlight.current
      },
    },
    log,
  )
  const missingMessages = new MissingMessages(database, MISSING_MESSAGES, log)
  const sweeper = new FolderSweeper(work.folders, store, config.tasks.leaseMs, log)
  let stopping = false
  const readiness = async () => ({
    postgres: await isPostgresReady(database),
    subscription: subscriber.isReceiving,
    accepting: !stopping,
  })
  const health = new HealthServer(readiness, metrics)

  const stop = (drainTimeoutMs: number) => {
    stopping = true
    draining.abort(new Error('the worker stops'))
    outage.stop()
    mainThread.stop()
    return endWorker(
      {
        intake: {
          reaper: () => reaper.stop(),
          sweeper: () => sweeper.stop(),
          'missing messages': () => missingMessages.stop(),
          parking: () => parking.stop(),
        },
        subscription: subscriber,
        tasks: runner,
        leases,
        models,
        closing: {
          threads: () => threads.stop(),
          models: () => work.modelThread.stop(),
          storage: () => store.close(),
          database: () => Promise.all([database.end(), leaseDatabase.end()]),
          health: () => health.stop(),
        },
      },
      drainTimeoutMs,
      log,
    )
  }
  let stopped: Promise<readonly string[]> | undefined
  const worker: Pick<Worker, 'stop'> = {
    stop: (drainTimeoutMs = config.tasks.drainTimeoutMs) => (stopped ??= stop(drainTimeoutMs)),
  }
  try {
    const pubsub = connect()
    try {
      await prepare(pubsub)
    } finally {
      await pubsub.close()
    }
    const httpPort = config.http.port === null ? null : await health.start(config.http.host, config.http.port)
    // The first renewal must not wait for its connection.
    await makeFirstConnection(leaseDatabase, config)
    unwanted?.throwIfAborted()
    subscriber.start()
    reaper.start()
    sweeper.start()
    missingMessages.start()
    parking.start()
    log.info(
      {
        workerId,
        ...config.pool,
        inFlight: inFlight.current,
        httpPort,
        subscription: config.pubsub.subscription,
      },
      'worker started',
    )
    return { ...worker, httpPort, readiness, metrics }
  } catch (error) {
    await worker.stop()
    throw error
  }
}
