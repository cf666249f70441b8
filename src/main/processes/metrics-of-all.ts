import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client'
import type { MetricsPage } from '../telemetry/health-server.ts'
import type { WorkerProcesses } from './worker-processes.ts'

/** What all processes have counted, as one page, and how many of them there are. */
export class MetricsOfAll implements MetricsPage {
  readonly #processes: WorkerProcesses
  readonly #own = new Registry()

  constructor(processes: WorkerProcesses) {
    this.#processes = processes
    const running = new Gauge({
      name: 'concept_worker_processes_running',
      help: 'Worker processes that have started',
      registers: [],
      collect() {
        this.set(processes.counts.running)
      },
    })
    const lost = new Counter({
      name: 'concept_worker_processes_lost_total',
      help: 'Worker processes that ended by themselves and were replaced',
      registers: [],
      collect() {
        this.reset()
        this.inc(processes.counts.lost)
      },
    })
    this.#own.registerMetric(running)
    this.#own.registerMetric(lost)
  }

  get contentType(): string {
    return this.#own.contentType
  }

  /** Sums, but for what prom-client or {@link Metrics} has named another way of taking several together. */
  async render(): Promise<string> {
    const [own, counted] = await Promise.all([this.#own.getMetricsAsJSON(), this.#processes.metrics()])
    return AggregatorRegistry.aggregate([...counted, own] as object[]).metrics()
  }
}
