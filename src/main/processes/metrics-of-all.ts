import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client'
import type { MetricsPage } from '../telemetry/health-server.ts'
import type { CountedMetrics } from './protocol.ts'
import type { WorkerProcesses } from './worker-processes.ts'

/**
 * What all processes have counted, as one page: each value with the number of its process as label, since a sum would
 * fall when a process is replaced, which Prometheus takes for a new beginning. Beside them, how many processes there are.
 */
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

  async render(): Promise<string> {
    const [own, counted] = await Promise.all([this.#own.getMetricsAsJSON(), this.#processes.metrics()])
    const labelled = counted.map(({ number, metrics }) =>
      metrics.map((metric) => withProcess(metric, number)),
    )
    return AggregatorRegistry.aggregate([...labelled, own] as object[]).metrics()
  }
}

function withProcess(metric: CountedMetrics[number], number: number): CountedMetrics[number] {
  const values = metric.values.map((value) => ({
    ...value,
    labels: { ...value.labels, process: String(number) },
  }))
  // No two have the same labels then, so that nothing is added up, and nothing is to be left out.
  return { ...metric, values, aggregator: 'sum' }
}
