import { writeFile } from 'node:fs/promises'
import { serialize } from 'node:v8'
import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { ThreadPool } from '../../src/main/pool/thread-pool.ts'
import type { JobInput, JobOutput } from '../../src/threads/protocol.ts'
import { cpuTimeOf, median } from '../cpu-time.ts'
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

/** A job's output as it can be written to a file: `{ shared }` stands for memory that threads share. */
export type CannedAnswer = { readonly runMs: number; readonly output: object }

const ROUNDS = 4
const WARM_UP_ROUNDS = 3

type Job = 'prepareImage' | 'analyseImage' | 'createVariation'

/** Does the image work of tasks on a real thread, and keeps what came out and how long it took. */
export async function recordAnswers(file: string, sidePx: number): Promise<CannedAnswers> {
  const pool = new ThreadPool({ minThreads: 1, maxThreads: 1, jobTimeoutMs: 60_000 })
  const { signal } = new AbortController()
  const times: Record<Job, number[]> = { prepareImage: [], analyseImage: [], createVariation: [] }
  const outputs: Partial<Record<Job, unknown>> = {}
  try {
    const pictures = await readPictures(PICTURES, sidePx)
    const palettes = await readPalettes()
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      // CPU time: what the job would take on a core of its own.
      const timed = async <N extends Job>(job: N, input: JobInput<N>): Promise<JobOutput<N>> => {
        const { value, cpuMs } = await cpuTimeOf(() => pool.run(job, input, signal))
        if (round >= 0) times[job].push(cpuMs)
        outputs[job] = value.value
        return value.value
      }
      for (const { encoded } of pictures) {
        const preparing = { encoded, limits: IMAGE_LIMITS, format: OUTPUT_FORMAT }
        const { image } = await timed('prepareImage', preparing)
        const variations = { strength: 1, format: OUTPUT_FORMAT }
        const { regions } = await timed('analyseImage', { image, variations })
        for (const colors of palettes) {
          await timed('createVariation', { image, regions, colors, ...variations })
        }
      }
    }
    const jobs = Object.keys(times) as Job[]
    const answers = jobs.map((job): [Job, CannedAnswer] => [
      job,
      { runMs: median(times[job]), output: withoutSharing(outputs[job]) as object },
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

/** `{ shared }` stands for views of memory that threads share, which cannot be written to a file. */
function withoutSharing(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return value.buffer instanceof SharedArrayBuffer
      ? { shared: (value as Uint8Array).slice() }
      : (value as Uint8Array).slice()
  }
  if (Array.isArray(value)) return value.map(withoutSharing)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutSharing(part)]))
}
