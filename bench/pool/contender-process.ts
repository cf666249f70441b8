import { availableCores } from '../../src/main/pool/available-cores.ts'
import { ThreadPool } from '../../src/main/pool/thread-pool.ts'
import { EventLoopDelay } from '../event-loop-delay.ts'
import { keepUnderWay, onPool, type ImageTask } from '../image-tasks.ts'
import { answerQuestions } from '../measuring-process.ts'
import { PICTURES, readPalettes, readPictures } from '../pictures.ts'
import { onMainThread, onPlainPool } from './alternatives.ts'
import type { Contender } from './contenders.ts'

/** A run of one contender. */
export type RunOrder = {
  readonly contender: Contender
  readonly sidePx: number
  readonly durationMs: number
}

export type Run = {
  readonly tasksPerSecond: number
  /** Of all threads of the process. */
  readonly cpuMsPerTask: number
  /** CPU time over time: less than there are threads where other processes had the cores. */
  readonly coresUsed: number
  readonly eventLoopDelayP99Ms: number
}

const TASKS_AHEAD = 2
const TASKS_A_THREAD = 2

/** Made with the first question, and used for all. */
let made: { readonly task: ImageTask; readonly inFlight: number; stop(): Promise<void> } | undefined

function make({ kind, threads }: Contender): NonNullable<typeof made> {
  const inFlight = TASKS_A_THREAD * availableCores() + TASKS_AHEAD
  switch (kind) {
    case 'pool': {
      const pool = new ThreadPool({ minThreads: threads, maxThreads: threads, jobTimeoutMs: 60_000 })
      return { task: onPool(pool), inFlight: TASKS_A_THREAD * threads + TASKS_AHEAD, stop: () => pool.stop() }
    }
    case 'plain pool':
      return { ...onPlainPool(), inFlight }
    case 'main thread':
      return { task: onMainThread(availableCores()), inFlight, stop: () => Promise.resolve() }
  }
}

async function run({ contender, sidePx, durationMs }: RunOrder): Promise<Run> {
  const pictures = await readPictures(PICTURES, sidePx)
  const palettes = await readPalettes()
  made ??= make(contender)
  const { task, inFlight } = made
  const delay = new EventLoopDelay()
  delay.start()
  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
  let lastEndMs = startMs
  let ended = 0
  await keepUnderWay(
    inFlight,
    () => performance.now() - startMs < durationMs,
    async (index) => {
      await task(pictures[index % pictures.length]!.encoded, palettes)
      lastEndMs = performance.now()
      ended++
    },
  )
  // To the end of the last task: all that was begun counts, with the time it took.
  const { user, system } = process.cpuUsage(cpuBefore)
  const cpuMs = (user + system) / 1_000
  delay.stop()
  return {
    tasksPerSecond: (ended * 1_000) / (lastEndMs - startMs),
    cpuMsPerTask: cpuMs / ended,
    coresUsed: cpuMs / (lastEndMs - startMs),
    eventLoopDelayP99Ms: delay.p99Ms,
  }
}

answerQuestions(run, async () => made?.stop())
