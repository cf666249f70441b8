import { pino } from 'pino'
import { loadConfig } from '../../src/main/config/config.ts'
import { ThreadPool } from '../../src/main/pool/thread-pool.ts'
import { createLogger } from '../../src/main/telemetry/logger.ts'
import { mainThreadMs } from '../../src/main/tuning/main-thread-time.ts'
import { startWorker, type Worker } from '../../src/main/worker.ts'
import { EventLoopDelay } from '../event-loop-delay.ts'
import { answerQuestions } from '../measuring-process.ts'
import { startProfile, type Profile } from './profile.ts'

/** `sample`: what was used since the last one. */
export type WorkerQuestion = { readonly ask: 'start' | 'sample' | 'profile' | 'profiled' }

export type Sample = {
  readonly mainThreadCpuMs: number
  /** All threads, those of libuv and the garbage collector's included. */
  readonly processCpuMs: number
  readonly eventLoopDelayP99Ms: number
}
export type WorkerAnswer = Sample | Profile

let worker: Worker | undefined
let profiled: (() => Promise<Profile>) | undefined
let last = { mainThreadCpuMs: 0, processCpuMs: 0 }
const delay = new EventLoopDelay()

async function answer({ ask }: WorkerQuestion): Promise<WorkerAnswer> {
  switch (ask) {
    case 'start': {
      const config = loadConfig(process.env)
      const addresses = {
        databaseUrl: config.database.url ?? '',
        pubsubHost: config.pubsub.emulatorHost,
        modelEndpointUrl: config.models.endpointUrl,
      }
      // Every line is written, to nobody.
      const log = createLogger(config.logLevel, pino.destination({ dest: '/dev/null', sync: true }))
      worker = await startWorker(config, addresses, log, {
        createThreads: (options) =>
          new ThreadPool({ ...options, entry: new URL(process.env.HOLLOW_ENTRY ?? '') }),
      })
      delay.start()
      return sample()
    }
    case 'sample':
      return sample()
    case 'profile':
      profiled = await startProfile()
      return sample()
    case 'profiled':
      return (await profiled?.()) ?? []
  }
}

function sample(): Sample {
  const now = { mainThreadCpuMs: mainThreadMs(), processCpuMs: processCpuMs() }
  const used = {
    mainThreadCpuMs: now.mainThreadCpuMs - last.mainThreadCpuMs,
    processCpuMs: now.processCpuMs - last.processCpuMs,
    eventLoopDelayP99Ms: delay.p99Ms,
  }
  last = now
  delay.start()
  return used
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** What is in hand at the end is not waited for. */
answerQuestions(answer, async () => worker?.stop(0))
