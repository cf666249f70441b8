import { writeFile } from 'node:fs/promises'
import { serialize } from 'node:v8'
import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { ThreadPool } from '../../src/main/pool/thread-pool.ts'
import type { Timed } from '../../src/processors/stage-clock.ts'
import { median } from '../cpu-time.ts'
import { PICTURES, readPalettes, readPictures } from '../pictures.ts'

/** What the hollow threads and the stub of the models answer with, and how long a thread takes for it. */
export type CannedAnswers = {
  /** File that the hollow threads read their answers from. */
  readonly file: string
  /** A picture as an image model answers with it: a PNG file. */
  readonly picture: Buffer
  /** Thread time of a task's image work, in milliseconds. */
  readonly taskMs: number
}

const ROUNDS = 4
const WARM_UP_ROUNDS = 3

type Jobs = 'prepareImage' | 'analyseImage' | 'createVariation'

/** Does the image work of tasks on a real thread, and keeps what came out and how long it took. */
export async function recordAnswers(file: string, sidePx: number): Promise<CannedAnswers> {
  const pool = new ThreadPool({ minThreads: 1, maxThreads: 1, jobTimeoutMs: 60_000 })
  const { signal } = new AbortController()
  const times: Record<Jobs, number[]> = { prepareImage: [], analyseImage: [], createVariation: [] }
  const outputs: Partial<Record<Jobs, unknown>> = {}
  try {
    const pictures = await readPictures(PICTURES, sidePx)
    const palettes = await readPalettes()
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      const keep = <T>(job: Jobs, { value, runMs }: Timed<T>): T => {
        if (round >= 0) times[job].push(runMs)
        outputs[job] = value
        return value
      }
      for (const { encoded } of pictures) {
        const preparing = { encoded, limits: IMAGE_LIMITS, format: OUTPUT_FORMAT }
        const { image } = keep('prepareImage', await pool.run('prepareImage', preparing, signal))
        const { regions } = keep('analyseImage', await pool.run('analyseImage', { image }, signal))
        for (const colors of palettes) {
          const input = { image, regions, colors, strength: 1, format: OUTPUT_FORMAT }
          keep('createVariation', await pool.run('createVariation', input, signal))
        }
      }
    }
    const jobs = Object.keys(times) as Jobs[]
    const answers = jobs.map((job) => [
      job,
      { runMs: median(times[job]), output: withoutSharing(outputs[job]) },
    ])
    await writeFile(file, serialize(Object.fromEntries(answers)))
    const taskMs =
      median(times.prepareImage) +
      median(times.analyseImage) +
      palettes.length * median(times.createVariation)
    return { file, picture: pictures.at(-1)!.encoded, taskMs }
  } finally {
    await pool.stop()
  }
}

/** Memory that threads share cannot be written to a file: `{ shared }` stands for it, a view with its own bytes. */
function withoutSharing(value: unknown): unknown {
  if (value instanceof SharedArrayBuffer) return { shared: new Uint8Array(value).slice().buffer }
  if (ArrayBuffer.isView(value)) {
    return value.buffer instanceof SharedArrayBuffer
      ? { shared: (value as Uint8Array).slice() }
      : (value as Uint8Array).slice()
  }
  if (Array.isArray(value)) return value.map(withoutSharing)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutSharing(part)]))
}
