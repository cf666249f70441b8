import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { FAILURE_CATEGORIES, isRetryable, MODEL_FAILURE_CATEGORIES } from '../../processors/failure.ts'
import type { Outcome } from '../../processors/outcome.ts'
import type { StageTiming } from '../../processors/stage-clock.ts'
import { isTaskType, TASK_TYPES } from '../../processors/task.ts'
import type { CountedMetrics } from '../processes/protocol.ts'
import type { BacklogReading } from './backlog.ts'

/** What is read at the moment at which somebody asks. */
export type Standings = {
  readonly tasksInFlight: () => number
  readonly pool: () => {
    readonly threads: number
    readonly busy: number
    readonly queued: number
    /** Since the start. */
    readonly lost: number
  }
  readonly models: () => readonly {
    readonly model: string
    readonly breaker: 'closed' | 'half-open' | 'open'
    readonly inFlight: number
    readonly waiting: number
  }[]
  readonly storage: () => { readonly breaker: 'closed' | 'half-open' | 'open'; readonly waiting: number }
  /** Since the start. */
  readonly leases: () => { readonly renewed: number; readonly lost: number }
  readonly imageMemory: () => { readonly usedBytes: number; readonly waiting: number }
  /** Null where it cannot be read now. */
  readonly backlog: () => Promise<BacklogReading | null>
}

/** From a step of some milliseconds to the longest of model calls. */
const SECONDS_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
/** The time from one look at the event loop's lag to the next. It wakes the main thread, which is most of what an idle worker does. */
const LAG_LOOK_MS = 50
const BREAKER_HELP = 'Circuit breaker: 0 closed, 1 half-open, 2 open'
const BREAKER_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const
const PREFIX = 'concept_worker_'
const OUTCOMES_WITHOUT_CODE = ['completed', 'lost', 'cancelled', 'interrupted', 'skipped'] as const

/**
 * What the worker counts, for Prometheus. Labels take only values that the code itself knows: nothing that a user, a
 * model or the environment has put into words.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #tasks = new Counter({
    name: `${PREFIX}tasks_total`,
    help: 'Tasks handled, by type, outcome and error code',
    labelNames: ['type', 'outcome', 'code'],
    registers: [this.#registry],
  })
  readonly #stages = this.#histogram('stage_seconds', 'Time of a stage, waiting included', [
    'stage',
    'outcome',
  ])
  readonly #stageWaits = this.#histogram('stage_wait_seconds', 'The part of it in which nothing ran', [
    'stage',
  ])
  readonly #calls = new Counter({
    name: `${PREFIX}model_calls_total`,
    help: 'Model calls made, by model and by how they ended',
    labelNames: ['model', 'outcome'],
    registers: [this.#registry],
  })
  readonly #callTimes = this.#histogram('model_call_seconds', 'Time of a model call', ['model'])

  /** `version` is the worker's own. */
  constructor(version: string) {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LAG_LOOK_MS })
    new Gauge({
      name: `${PREFIX}build_info`,
      help: 'Always 1; the labels say what runs',
      labelNames: ['version', 'node'],
      registers: [this.#registry],
    }).set({ version, node: process.version }, 1)
    this.#beginTasks()
  }

  /** Adds what is read from others. */
  watch(standings: Standings): void {
    this.#gauge('tasks_in_flight', 'Tasks that run or wait for their turn', standings.tasksInFlight)
    this.#gauge('pool_threads', 'Image threads at most', () => standings.pool().threads)
    this.#gauge('pool_busy_threads', 'Image threads at work', () => standings.pool().busy)
    this.#gauge('pool_queue_length', 'Jobs that wait for an image thread', () => standings.pool().queued)
    this.#count('pool_threads_lost_total', 'Image threads lost under a job', () => standings.pool().lost)
    this.#count('leases_renewed_total', 'Leases renewed', () => standings.leases().renewed)
    this.#count('claims_lost_total', 'Claims lost', () => standings.leases().lost)
    this.#gauge(
      'storage_calls_waiting',
      'Calls of the image storage that wait for the breaker',
      () => standings.storage().waiting,
    )
    this.#gauge('storage_breaker_state', BREAKER_HELP, () => BREAKER_VALUES[standings.storage().breaker])
    this.#gauge('image_memory_used_bytes', 'Memory of the images in hand and of the jobs on them', () => {
      return standings.imageMemory().usedBytes
    })
    this.#gauge('image_memory_waiting', 'Images that wait for memory', () => standings.imageMemory().waiting)
    this.#watchBacklog(standings)
    this.#watchModels(standings)
  }

  /** For the answer to Prometheus. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** Everything in Prometheus' text format. */
  render(): Promise<string> {
    return this.#registry.metrics()
  }

  /** The same for {@link MetricsOfAll}. */
  counted(): Promise<CountedMetrics> {
    return this.#registry.getMetricsAsJSON()
  }

  taskEnded(taskType: string, outcome: Outcome): void {
    this.#tasks.inc({
      type: isTaskType(taskType) ? taskType : 'unknown',
      outcome: outcome.kind,
      code: 'failure' in outcome ? outcome.failure.category : '',
    })
  }

  /** Steps of a stage are left to the database: they would be many more. */
  stageEnded({ stage, step, outcome, waitMs, runMs }: StageTiming): void {
    if (step !== null) return
    this.#stages.observe({ stage, outcome }, (waitMs + runMs) / 1_000)
    this.#stageWaits.observe({ stage }, waitMs / 1_000)
  }

  callEnded(model: string, outcome: string, runMs: number): void {
    this.#calls.inc({ model, outcome })
    this.#callTimes.observe({ model }, runMs / 1_000)
  }

  /** With 0 from the start: a counter that begins with its first event hides that from `rate`. */
  #beginTasks(): void {
    for (const type of TASK_TYPES) {
      for (const outcome of OUTCOMES_WITHOUT_CODE) this.#tasks.inc({ type, outcome, code: '' }, 0)
      for (const code of FAILURE_CATEGORIES) {
        this.#tasks.inc({ type, outcome: 'failed', code }, 0)
        if (isRetryable(code)) this.#tasks.inc({ type, outcome: 'retry', code }, 0)
      }
      this.#tasks.inc({ type, outcome: 'unrecorded', code: 'database' }, 0)
    }
  }

  /** Left out while it cannot be read: an old figure would look like a fresh one. */
  #watchBacklog({ backlog }: Standings): void {
    const gauge = (name: string, help: string, valueOf: (reading: BacklogReading) => number) =>
      this.#gauge(name, help, async () => {
        const reading = await backlog()
        return reading && valueOf(reading)
      })
    gauge('quarantined_messages', 'Messages in quarantine that were never replayed, of all workers', (of) => {
      return of.quarantinedMessages
    })
    gauge('parked_messages', 'Messages whose task cannot be seen yet, of all workers', (of) => {
      return of.parkedMessages
    })
    gauge('tasks_pending', 'Pending tasks, of all workers', ({ pendingTasks }) => pendingTasks)
    gauge('oldest_pending_seconds', 'For how long the oldest pending task has been due', (of) => {
      return of.oldestPendingSeconds
    })
  }

  #watchModels(standings: Standings): void {
    for (const { model } of standings.models()) {
      for (const outcome of ['ok', 'aborted', ...MODEL_FAILURE_CATEGORIES])
        this.#calls.inc({ model, outcome }, 0)
    }
    type Model = ReturnType<Standings['models']>[number]
    const gauge = (name: string, help: string, valueOf: (model: Model) => number) =>
      new Gauge({
        name: `${PREFIX}${name}`,
        help,
        labelNames: ['model'],
        registers: [this.#registry],
        collect() {
          for (const model of standings.models()) this.set({ model: model.model }, valueOf(model))
        },
      })
    gauge('model_calls_in_flight', 'Model calls under way', ({ inFlight }) => inFlight)
    gauge('model_calls_waiting', 'Model calls that wait for their turn', ({ waiting }) => waiting)
    gauge('model_breaker_state', BREAKER_HELP, ({ breaker }) => BREAKER_VALUES[breaker])
  }

  #histogram<L extends string>(name: string, help: string, labelNames: L[]): Histogram<L> {
    return new Histogram({
      name: `${PREFIX}${name}`,
      help,
      labelNames,
      buckets: SECONDS_BUCKETS,
      registers: [this.#registry],
    })
  }

  /** With null the metric has no value. */
  #gauge(name: string, help: string, value: () => number | null | Promise<number | null>): void {
    const gauge = new Gauge({
      name: `${PREFIX}${name}`,
      help,
      registers: [],
      async collect() {
        const now = await value()
        if (now === null) this.remove()
        else this.set(now)
      },
    })
    this.#registry.registerMetric(gauge)
  }

  /** A count that is kept elsewhere. */
  #count(name: string, help: string, value: () => number): void {
    const counter = new Counter({
      name: `${PREFIX}${name}`,
      help,
      registers: [],
      collect() {
        this.reset()
        this.inc(value())
      },
    })
    this.#registry.registerMetric(counter)
  }
}
