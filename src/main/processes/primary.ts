import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { HealthServer } from '../telemetry/health-server.ts'
import { MetricsOfAll } from './metrics-of-all.ts'
import { sharesOf } from './shares.ts'
import { WorkerProcesses } from './worker-processes.ts'

/** The signal that stops the worker, and where to hand on a second one. */
export type StopSignal = (onSecond: (name: NodeJS.Signals) => void) => Promise<NodeJS.Signals>

/** A process ends itself within 10 s after its drain. */
const BEYOND_DRAIN_MS = 11_000

/**
 * Runs the worker as several processes until a signal asks for a stop, and answers for all of them on the health port.
 * Resolves with the exit code: that of a process that could not be started, or the first that is not 0.
 */
export async function runProcesses(config: Config, stopSignal: StopSignal, log: Logger): Promise<number> {
  const processes = new WorkerProcesses(sharesOf(config, process.env), log)
  const health = new HealthServer(() => processes.readiness(), new MetricsOfAll(processes))
  const { host, port } = config.http
  const httpPort = port === null ? null : await health.start(host, port)
  const signal = stopSignal((name) => processes.kill(name))
  log.info({ processes: config.processes, httpPort }, 'worker processes start')
  const notStarted = await Promise.race([signal.then(() => null), processes.start()])
  if (notStarted === null) log.info({ signal: await signal }, 'stop requested')
  const limitMs = config.tasks.drainTimeoutMs + BEYOND_DRAIN_MS
  const exitCode = await processes.stop(notStarted === null ? await signal : 'SIGTERM', limitMs)
  await health.stop()
  if (notStarted === null) return exitCode
  // Also one that was told to stop while it started: nobody has asked the whole to stop.
  return notStarted.code || 1
}
