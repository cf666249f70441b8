import { randomUUID } from 'node:crypto'
import type { PubSub } from '@google-cloud/pubsub'
import type { Pool } from 'pg'
import { ConceptStore } from '../../src/main/concepts/concept-store.ts'
import { TaskFolders } from '../../src/main/concepts/task-folders.ts'
import { migrate } from '../../src/main/database/migrations.ts'
import {
  CONNECTIONS,
  createDatabasePool,
  DATABASE_TIMEOUTS,
  LEASE_CONNECTIONS,
} from '../../src/main/database/pool.ts'
import { isPostgresReady } from '../../src/main/database/readiness.ts'
import { DatabaseOutage } from '../../src/main/intake/database-outage.ts'
import { MessageHandler } from '../../src/main/intake/message-handler.ts'
import { ParkedMessages } from '../../src/main/intake/parked-messages.ts'
import { Parking } from '../../src/main/intake/parking.ts'
import { createPubSub } from '../../src/main/intake/pubsub-client.ts'
import { ensurePubSubResources } from '../../src/main/intake/pubsub-resources.ts'
import { Quarantine } from '../../src/main/intake/quarantine.ts'
import { Subscriber } from '../../src/main/intake/subscriber.ts'
import { TaskRunner } from '../../src/main/intake/task-runner.ts'
import { LeaseKeeper } from '../../src/main/tasks/lease-keeper.ts'
import { TaskStore } from '../../src/main/tasks/task-store.ts'
import { hasUnheardTask } from '../../src/main/tasks/unheard-tasks.ts'
import { createLogger } from '../../src/main/telemetry/logger.ts'
import { Metrics } from '../../src/main/telemetry/metrics.ts'
import type { Outcome } from '../../src/processors/outcome.ts'
import type { FolderLedger } from '../../src/processors/services.ts'
import { GENERATION } from '../../src/processors/task.ts'
import { IdleProcessor } from './idle-processor.ts'
import { FIELDS, type Subject } from './subject.ts'

export type OurOptions = {
  readonly databaseUrl: string
  readonly pubsubHost: string
  readonly maxInFlight: number
  /** Whether a task has an entry for its folder of images, as one has that stores some. */
  readonly hasFolders: boolean
}

const PROJECT = 'concept-worker'
const USER = 'user-1'
const LEASE_MS = 60_000
const PARKING = { patienceMs: 30_000, firstLookMs: 250, maxLookMs: 4_000, runMs: 10_000 }
const WATCH = { periodMs: 15_000, againMs: 1_000, answerMs: 3_000 }
const SILENCE = { silentMs: 30_000, maxSilentMs: 600_000 }

const NO_FOLDERS: FolderLedger = {
  open: () => Promise.resolve(''),
  reopen: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

/** How one task fared that came when nothing else was under way, in milliseconds. */
export type LoneTask = {
  readonly publishToEndMs: number
  /** From the message's arrival in the process to the commit of the task's end. */
  readonly arrivalToEndMs: number
  /** Of that, what statements took, from where they were handed to a connection to their answers. */
  readonly statementsMs: number
}

/** The worker's own way from a message to the end of its task, with all that it has on that way. */
export class OurSubject implements Subject {
  readonly #options: OurOptions
  readonly #log = createLogger('warn')
  readonly #topic = `tasks-${randomUUID()}`
  readonly #database: Pool
  readonly #leaseDatabase: Pool
  readonly #pubsub: PubSub
  readonly #leases: LeaseKeeper
  readonly #runner: TaskRunner
  readonly #subscriber: Subscriber
  #onDone: () => void = () => undefined
  #statementsMs = 0
  #arrivedAtMs = 0

  constructor(options: OurOptions) {
    const { databaseUrl, pubsubHost, maxInFlight, hasFolders } = options
    const log = this.#log
    this.#options = options
    const connect = (size: typeof CONNECTIONS) =>
      createDatabasePool(databaseUrl, () => undefined, DATABASE_TIMEOUTS, size)
    const database = connect(CONNECTIONS)
    this.#database = database
    this.#leaseDatabase = connect(LEASE_CONNECTIONS)
    this.#pubsub = createPubSub(PROJECT, pubsubHost)
    this.#leases = new LeaseKeeper(this.#leaseDatabase, LEASE_MS, log)
    const metrics = new Metrics('bench')
    const processor = new IdleProcessor({
      tasks: new TaskStore(database, this.#leases, { workerId: 'bench', leaseMs: LEASE_MS, maxAttempts: 3 }),
      concepts: new ConceptStore(database, this.#leases, LEASE_MS),
      folders: hasFolders ? new TaskFolders(database, LEASE_MS) : NO_FOLDERS,
      log,
      meter: metrics,
    })
    const runner = new TaskRunner({ get: () => processor }, { current: maxInFlight }, metrics, log)
    this.#runner = runner
    const quarantine = new Quarantine(database)
    const parked = new ParkedMessages(database, PARKING)
    const handler = new MessageHandler(
      (reference) => runner.run(reference).then(expectCompleted),
      quarantine,
      new Parking(parked, quarantine, runner, PARKING.firstLookMs, log),
      new DatabaseOutage(() => isPostgresReady(database), { began() {}, ended() {} }, 1_000, log),
      log,
    )
    this.#subscriber = new Subscriber(
      {
        subscription: this.#topic,
        watch: WATCH,
        silence: SILENCE,
        replaceAfterMs: 10_000,
        maxMessages: { current: maxInFlight },
      },
      {
        connect: () => createPubSub(PROJECT, pubsubHost),
        prepare: (pubsub) => ensurePubSubResources(pubsub, this.#topic, this.#topic),
        isWorkWaiting: (forMs) => hasUnheardTask(database, forMs),
      },
      (message, stopping) => {
        this.#arrivedAtMs = performance.now()
        return handler.handle(message, stopping).then((settlement) => {
          this.#onDone()
          return settlement
        })
      },
      log,
    )
  }

  async prepare(tasks: number): Promise<void> {
    await migrate(this.#options.databaseUrl)
    await ensurePubSubResources(this.#pubsub, this.#topic, this.#topic)
    await this.#leaseDatabase.query('SELECT 1')
    const taskIds = await this.#insert(tasks)
    const topic = this.#pubsub.topic(this.#topic)
    await Promise.all(taskIds.map((taskId) => topic.publishMessage({ data: messageFor(taskId) })))
  }

  async start(onDone: () => void): Promise<void> {
    this.#onDone = onDone
    this.#subscriber.start()
  }

  async unfinished(): Promise<number> {
    const { rows } = await this.#leaseDatabase.query<{ count: string }>(
      `SELECT count(*) FROM tasks WHERE status <> 'completed'`,
    )
    return Number(rows[0]?.count)
  }

  /** One task after the other, each when the one before has long ended. */
  async loneTasks(count: number): Promise<LoneTask[]> {
    this.#timeStatements()
    const topic = this.#pubsub.topic(this.#topic, { batching: { maxMessages: 1 } })
    const tasks: LoneTask[] = []
    for (const taskId of await this.#insert(count)) {
      const ended = new Promise<number>((resolve) => {
        this.#onDone = () => resolve(performance.now())
      })
      this.#statementsMs = 0
      const publishedAtMs = performance.now()
      await topic.publishMessage({ data: messageFor(taskId) })
      const endedAtMs = await ended
      tasks.push({
        publishToEndMs: endedAtMs - publishedAtMs,
        arrivalToEndMs: endedAtMs - this.#arrivedAtMs,
        statementsMs: this.#statementsMs,
      })
    }
    return tasks
  }

  async stop(): Promise<void> {
    await this.#subscriber.stop(5_000)
    await this.#runner.drain(0)
    await this.#leases.stop()
    await Promise.all([this.#pubsub.close(), this.#database.end(), this.#leaseDatabase.end()])
  }

  async #insert(tasks: number): Promise<string[]> {
    const { rows } = await this.#leaseDatabase.query<{ id: string }>(
      `INSERT INTO tasks (id, user_id, type, metadata)
       SELECT gen_random_uuid(), $1, $2, $3 FROM generate_series(1, $4::int) RETURNING id`,
      [USER, GENERATION, JSON.stringify(FIELDS), tasks],
    )
    return rows.map(({ id }) => id)
  }

  #timeStatements(): void {
    const database = this.#database
    const query = database.query.bind(database) as (...args: unknown[]) => Promise<unknown>
    const timed = async (...args: unknown[]) => {
      const startedAtMs = performance.now()
      try {
        return await query(...args)
      } finally {
        this.#statementsMs += performance.now() - startedAtMs
      }
    }
    Object.assign(database, { query: timed })
  }
}

function expectCompleted(outcome: Outcome): Outcome {
  if (outcome.kind !== 'completed') throw new Error(`a task ended as ${outcome.kind}`)
  return outcome
}

function messageFor(taskId: string): Buffer {
  return Buffer.from(JSON.stringify({ task_id: taskId, user_id: USER, task_type: GENERATION, ...FIELDS }))
}
