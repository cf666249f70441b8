/** The whole worker in a process of its own, with measurements of it beside. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { loadConfig } from '../../src/main/config/config.ts'
import type { ServiceAddresses } from '../../src/main/endpoints.ts'
import { createLogger } from '../../src/main/telemetry/logger.ts'
import { startWorker } from '../../src/main/worker.ts'
import { processInput, tell } from '../bench-process.ts'
import { cpuSince, cpuTime, type CpuTime } from '../main-thread-cpu.ts'

export type WorkerInput = {
  readonly env: Readonly<Record<string, string>>
  readonly addresses: ServiceAddresses
}

export type WorkerStart = { readonly threads: number }

export type WorkerReport = { readonly cpu: CpuTime; readonly eventLoopDelayP99Ms: number }

/**
 * The histogram counts the time between two looks, of which this is the part that is wanted. Each look costs the main
 * thread some time of its own, so that there are not to be too many.
 */
const RESOLUTION_MS = 10

const { env, addresses } = processInput() as WorkerInput
const config = loadConfig(env)
const worker = await startWorker(config, addresses, createLogger(config.logLevel, process.stderr))
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
let startCpu = cpuTime()

process.on('message', (message) => {
  if (message === 'begin') {
    startCpu = cpuTime()
    delays.enable()
    tell({})
  } else if (message === 'end') {
    delays.disable()
    const eventLoopDelayP99Ms = Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION_MS)
    const report: WorkerReport = { cpu: cpuSince(startCpu), eventLoopDelayP99Ms }
    tell(report)
  }
})
process.once('disconnect', () => {
  void worker.stop(0)
})
const start: WorkerStart = { threads: config.pool.maxThreads }
tell(start)
