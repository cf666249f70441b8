/** The whole worker in a process of its own, with measurements of it beside. */
import { loadConfig } from '../../src/main/config/config.ts'
import type { ServiceAddresses } from '../../src/main/endpoints.ts'
import { createLogger } from '../../src/main/telemetry/logger.ts'
import { startWorker } from '../../src/main/worker.ts'
import { processInput, tell } from '../bench-process.ts'
import { EventLoopDelay } from '../event-loop-delay.ts'
import { cpuSince, cpuTime, type CpuTime } from '../main-thread-cpu.ts'

export type WorkerInput = {
  readonly env: Readonly<Record<string, string>>
  readonly addresses: ServiceAddresses
}

export type WorkerStart = { readonly threads: number }

export type WorkerReport = { readonly cpu: CpuTime; readonly eventLoopDelayP99Ms: number }

const { env, addresses } = processInput() as WorkerInput
const config = loadConfig(env)
const worker = await startWorker(config, addresses, createLogger(config.logLevel, process.stderr))
const delay = new EventLoopDelay()
let startCpu = cpuTime()

process.on('message', (message) => {
  if (message === 'begin') {
    startCpu = cpuTime()
    delay.start()
    tell({})
  } else if (message === 'end') {
    delay.stop()
    const report: WorkerReport = { cpu: cpuSince(startCpu), eventLoopDelayP99Ms: delay.p99Ms }
    tell(report)
  }
})
process.once('disconnect', () => {
  void worker.stop(0)
})
const start: WorkerStart = { threads: config.pool.maxThreads }
tell(start)
