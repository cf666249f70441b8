import { setTimeout as delay } from 'node:timers/promises'
import { availableCores } from '../../src/main/pool/available-cores.ts'
import { ImageMemory } from '../../src/main/pool/image-memory.ts'
import { EDIT_INPUT_SIDE_PX, IMAGE_LIMITS, OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { ImageThreads } from '../../src/main/pool/image-threads.ts'
import { ThreadPool } from '../../src/main/pool/thread-pool.ts'
import type { PaletteColors } from '../../src/threads/protocol.ts'
import { keepUnderWay } from '../image-tasks.ts'
import { answerQuestions } from '../measuring-process.ts'
import { PICTURES, readPalettes, readPictures, type Picture } from '../pictures.ts'

export type MemoryQuestion =
  /** So many tasks at once, all of which have their image decoded before any goes on: as where a model takes long. */
  | { readonly ask: 'crowd'; readonly tasks: number; readonly sidePx: number }
  /** Tasks one after the other on every thread, with pictures of these sizes in turns. */
  | { readonly ask: 'soak'; readonly tasks: number; readonly sidesPx: readonly number[] }

/** Resident memory of this process in MiB: the most, a moment after the last task, and at even steps between. */
export type Memory = {
  readonly peakMib: number
  readonly idleMib: number
  readonly steps: readonly { readonly tasks: number; readonly mib: number }[]
}

const MIB = 1024 * 1024
const LOOK_MS = 20
const IDLE_AFTER_MS = 2_000
const STEPS = 40
const SOAK_TASKS_A_THREAD = 4

const threads = availableCores()
const pool = new ThreadPool({ minThreads: threads, maxThreads: threads, jobTimeoutMs: 600_000 })
const options = {
  limits: IMAGE_LIMITS,
  editInputSidePx: EDIT_INPUT_SIDE_PX,
  format: OUTPUT_FORMAT,
  strength: 1,
}
// Without a bound: what tasks take is to be seen, not how few are let in.
const unbounded = new ImageMemory(Number.MAX_SAFE_INTEGER, threads)
const images = new ImageThreads(pool, unbounded, options, () => undefined)

async function answer(question: MemoryQuestion): Promise<Memory> {
  const palettes = await readPalettes()
  let peakBytes = 0
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), LOOK_MS)
  const steps =
    question.ask === 'crowd'
      ? await crowd(await readPictures(PICTURES, question.sidePx), palettes, question.tasks)
      : await soak(question, palettes)
  clearInterval(watch)
  await delay(IDLE_AFTER_MS)
  return { peakMib: peakBytes / MIB, idleMib: process.memoryUsage.rss() / MIB, steps }
}

async function crowd(
  pictures: readonly Picture[],
  palettes: readonly PaletteColors[],
  tasks: number,
): Promise<Memory['steps']> {
  const begun = await Promise.all(Array.from({ length: tasks }, (_, i) => begin(pictures, i)))
  await Promise.all(begun.map((goOn) => goOn(palettes)))
  return []
}

async function soak(
  { tasks, sidesPx }: MemoryQuestion & { ask: 'soak' },
  palettes: readonly PaletteColors[],
): Promise<Memory['steps']> {
  const sizes = await Promise.all(sidesPx.map((sidePx) => readPictures(PICTURES, sidePx)))
  const every = Math.max(1, Math.floor(tasks / STEPS))
  const steps: { tasks: number; mib: number }[] = []
  let [begun, ended] = [0, 0]
  await keepUnderWay(
    threads * SOAK_TASKS_A_THREAD,
    () => begun < tasks,
    async () => {
      const index = begun++
      const pictures = sizes[index % sizes.length]!
      const goOn = await begin(pictures, Math.floor(index / sizes.length))
      await goOn(palettes)
      if (++ended % every === 0) steps.push({ tasks: ended, mib: process.memoryUsage.rss() / MIB })
    },
  )
  return steps
}

/** Decodes and analyses a picture, and answers what makes the variations and lets go of it. */
async function begin(
  pictures: readonly Picture[],
  index: number,
): Promise<(palettes: readonly PaletteColors[]) => Promise<void>> {
  const { signal } = new AbortController()
  const task = images.open()
  const { encoded } = pictures[index % pictures.length]!
  const { image, analysis } = (await task.prepareImage(encoded, true, signal)).value
  const { regions } = (analysis ?? (await task.analyseImage(image, signal))).value
  return async (palettes) => {
    await Promise.all(palettes.map((colors) => task.createVariation(image, regions, colors, signal)))
    task.close()
  }
}

answerQuestions(answer, () => pool.stop())
