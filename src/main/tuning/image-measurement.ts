import { performance } from 'node:perf_hooks'
import type { OutputFormat } from '../../threads/protocol.ts'
import { renderLogo } from '../embedded/model-server/drawing/logo-rendering.ts'
import { IMAGE_LIMITS } from '../pool/image-settings.ts'
import { ThreadPool } from '../pool/thread-pool.ts'
import { mainThreadMs } from './main-thread-time.ts'

/** What the image work of tasks took with so many threads. */
export type ImageMeasurement = {
  readonly threads: number
  readonly tasksPerSecond: number
  /** Thread time of one task, the mean of all. */
  readonly imageMs: number
  /** Time of the main thread for one task. */
  readonly mainThreadMs: number
}

const SIDE_PX = 1024
const VARIATIONS = 7
const FULL_STRENGTH = 1
const JOB_TIMEOUT_MS = 60_000
/** Every thread compiles the code for itself. */
const WARM_UP_TASKS_A_THREAD = 6
/** The next one is at hand for each thread. */
const TASKS_A_THREAD = 2

/** A PNG file to measure with. It has to be made first: image threads close the process to the format it is drawn in. */
export function drawPicture(): Promise<Buffer> {
  return renderLogo('a fox head in an autumn forest', 1, { width: SIDE_PX, height: SIDE_PX })
}

/** Does the image work of generation tasks on a picture: decoding, analysis, seven variations. */
export async function measureImages(
  encoded: Uint8Array,
  threads: number,
  durationMs: number,
  format: OutputFormat,
): Promise<ImageMeasurement> {
  const pool = new ThreadPool({ minThreads: threads, maxThreads: threads, jobTimeoutMs: JOB_TIMEOUT_MS })
  try {
    let left = threads * WARM_UP_TASKS_A_THREAD
    await onEveryThread(threads, async () => {
      while (left-- > 0) await doTask(pool, encoded, format)
    })
    const mainBeforeMs = mainThreadMs()
    const startMs = performance.now()
    let [tasks, imageMs, lastEndMs] = [0, 0, startMs]
    await onEveryThread(threads, async () => {
      do {
        // Not in one expression: other tasks add theirs while this one is awaited.
        const taskMs = await doTask(pool, encoded, format)
        imageMs += taskMs
        tasks++
        lastEndMs = performance.now()
      } while (lastEndMs - startMs < durationMs)
    })
    return {
      threads,
      tasksPerSecond: (tasks * 1_000) / (lastEndMs - startMs),
      imageMs: imageMs / tasks,
      mainThreadMs: (mainThreadMs() - mainBeforeMs) / tasks,
    }
  } finally {
    await pool.stop()
  }
}

const onEveryThread = (threads: number, work: () => Promise<void>) =>
  Promise.all(Array.from({ length: threads * TASKS_A_THREAD }, work))

/** Answers the thread time of all its jobs. */
async function doTask(pool: ThreadPool, encoded: Uint8Array, format: OutputFormat): Promise<number> {
  const { signal } = new AbortController()
  const share = pool.open()
  const terms = { share, cost: { jobMs: 0, taskMs: 0 }, memory: undefined }
  try {
    const input = { encoded, limits: IMAGE_LIMITS, format, analyse: { strength: FULL_STRENGTH } }
    const prepared = await pool.run('prepareImage', input, signal, terms)
    const { image, analysis } = prepared.value
    const { regions, derivedPalettes } = analysis!.value
    const variations = await Promise.all(
      derivedPalettes
        .slice(0, VARIATIONS)
        .map(({ colors }) =>
          pool.run(
            'createVariation',
            { image, regions, colors, strength: FULL_STRENGTH, format },
            signal,
            terms,
          ),
        ),
    )
    return [prepared, ...variations].reduce((sum, { runMs }) => sum + runMs, 0)
  } finally {
    pool.close(share)
  }
}
