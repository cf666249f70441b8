import type { JobName, OutputFormat } from '../../threads/protocol.ts'
import type { ImageSize } from './image-header.ts'
import type { JobCost } from './job-queue.ts'
import { MOST_AT_ONCE_MS } from './jobs-at-once.ts'

/** What the work on one image takes of memory. */
export type MemoryNeed = {
  /** As long as the image is in hand. */
  readonly heldBytes: number
  /** For each of its jobs that runs. */
  readonly workBytes: number
  /** For each result that waits until its thread has done more. */
  readonly resultBytes: number
}

/** Two bytes for the analysis of any picture, and two more where it is noise. */
const ANALYSIS_BYTES = 4
/** A coded file is no larger than its pixels, but for a little; a growing buffer holds it three times. */
const PNG_FILE_COPIES = 3
const PNG_ENCODER_BYTES = 1
/** By number of channels. */
const WEBP_ENCODER_BYTES = { 3: 5, 4: 14 } as const
/** A thread's tables, and what allocators hold back. */
const FIXED_WORK_BYTES = 8 * 1024 * 1024

/** The most that an image may need while it is prepared, analysed and recoloured, whatever it shows. */
export function recolouringNeed({ pixels, channels }: ImageSize, format: OutputFormat['type']): MemoryNeed {
  const encoderBytes =
    format === 'png' ? PNG_ENCODER_BYTES + PNG_FILE_COPIES * channels : WEBP_ENCODER_BYTES[channels]
  return {
    heldBytes: pixels * (channels + ANALYSIS_BYTES),
    workBytes: FIXED_WORK_BYTES + pixels * (channels + encoderBytes),
    resultBytes: pixels * channels,
  }
}

/** What an image may need that is decoded, at the worst in full, and made small. */
export function shrinkingNeed({ pixels, channels }: ImageSize): MemoryNeed {
  return { heldBytes: 0, workBytes: FIXED_WORK_BYTES + 2 * pixels * channels, resultBytes: 0 }
}

/** Thread time for a megapixel of an ordinary picture, encoding included; variations are written by an outline. */
const MS_PER_MEGAPIXEL: Readonly<Record<JobName, number>> = {
  prepareImage: 20,
  shrinkImage: 20,
  analyseImage: 30,
  createVariation: 2,
  createThumbnail: 10,
  composeContactSheet: 10,
}
/** Preparing and analysing it, and seven variations. */
const TASK_MS_PER_MEGAPIXEL = 65

/**
 * What a job that does the work of these would take on an ordinary picture of so many pixels, and what a task. Rough: a
 * picture that is harder than it looks shows that with its first job.
 */
export function ordinaryCost(work: readonly JobName[], pixels: number): JobCost {
  const megapixels = pixels / 1_000_000
  const msPerMegapixel = work.reduce((sum, job) => sum + MS_PER_MEGAPIXEL[job], 0)
  return { jobMs: msPerMegapixel * megapixels, taskMs: TASK_MS_PER_MEGAPIXEL * megapixels }
}

/** The work of a job that analyses a picture as soon as it has decoded it. */
export const PREPARED_AND_ANALYSED: readonly JobName[] = ['prepareImage', 'analyseImage']

/** Whether a picture of so many pixels is analysed in the job that decodes it: a large one would keep its thread too long. */
export function isAnalysedAtOnce(pixels: number): boolean {
  return ordinaryCost(PREPARED_AND_ANALYSED, pixels).jobMs <= MOST_AT_ONCE_MS
}
