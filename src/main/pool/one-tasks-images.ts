import type { DecodedImage, TaskImages } from '../../processors/services.ts'
import type { Timed } from '../../processors/stage-clock.ts'
import type {
  EncodedImage,
  ImageAnalysis,
  ImageInHand,
  ImageLimits,
  JobInput,
  JobName,
  JobOutput,
  OutputFormat,
  PaletteColors,
  RegionAnalysis,
} from '../../threads/protocol.ts'
import {
  isAnalysedAtOnce,
  ordinaryCost,
  PREPARED_AND_ANALYSED,
  recolouringNeed,
  shrinkingNeed,
  type MemoryNeed,
} from './image-cost.ts'
import { claimedSize, type ImageSize } from './image-header.ts'
import { OUTPUT_FORMAT } from './image-settings.ts'
import type { Holding, ImageMemory } from './image-memory.ts'
import type { TaskUse } from './in-flight-target.ts'
import type { PoolShare, ThreadPool } from './thread-pool.ts'

export type ImageOptions = {
  readonly limits: ImageLimits
  readonly format: OutputFormat
  /** Longer side of what an edit model gets. */
  readonly editInputSidePx: number
  /** 0 to 1. */
  readonly strength: number
}

const NOTHING: ImageSize = { pixels: 0, channels: 3 }

type Held = { readonly holding: Holding; readonly bytes: number; readonly sinceMs: number }

/**
 * Image work of one task: its jobs have one share of the pool, and what it decodes is held in the image memory from
 * before it is decoded until the task is done with it and every job on it has ended.
 */
export class OneTasksImages implements TaskImages {
  readonly #pool: ThreadPool
  readonly #memory: ImageMemory
  readonly #options: ImageOptions
  readonly #share: PoolShare
  readonly #onEnd: (use: TaskUse) => void
  readonly #holdings = new Map<ImageInHand, Held>()
  readonly #openedAtMs = performance.now()
  /** Calls under way, and since when there have been any. */
  #calls = 0
  #busySinceMs = 0
  #busyMs = 0
  #heldByteMs = 0

  constructor(pool: ThreadPool, memory: ImageMemory, options: ImageOptions, onEnd: (use: TaskUse) => void) {
    this.#pool = pool
    this.#memory = memory
    this.#options = options
    this.#onEnd = onEnd
    this.#share = pool.open()
  }

  prepareImage(encoded: Uint8Array, isAnalysed: boolean, signal: AbortSignal): Promise<Timed<DecodedImage>> {
    return this.#counted(async () => {
      const { format, strength } = this.#options
      const size = this.#sizeOf(encoded)
      const held = await this.#hold(recolouringNeed(size, format.type), signal)
      try {
        const isAtOnce = isAnalysed && isAnalysedAtOnce(size.pixels)
        const decoding = { encoded, limits: this.#limitsFor(size), format }
        const input = isAtOnce ? { ...decoding, analyse: { strength } } : decoding
        const work = isAtOnce ? PREPARED_AND_ANALYSED : undefined
        const prepared = await this.#run('prepareImage', input, size.pixels, held.holding, signal, work)
        this.#holdings.set(prepared.value.image, held)
        return withAnalysis(prepared)
      } catch (error) {
        this.#release(held)
        throw error
      }
    })
  }

  shrinkOriginal(encoded: Uint8Array, signal: AbortSignal): Promise<Timed<EncodedImage>> {
    return this.#counted(async () => {
      const { editInputSidePx: maxSidePx } = this.#options
      const size = this.#sizeOf(encoded)
      const held = await this.#hold(shrinkingNeed(size), signal)
      try {
        const input = { encoded, limits: this.#limitsFor(size), maxSidePx, format: OUTPUT_FORMAT }
        return await this.#run('shrinkImage', input, size.pixels, held.holding, signal)
      } finally {
        this.#release(held)
      }
    })
  }

  analyseImage(image: ImageInHand, signal: AbortSignal): Promise<Timed<ImageAnalysis>> {
    const { strength, format } = this.#options
    const input = { image, variations: { strength, format } }
    const holding = this.#holdings.get(image)?.holding
    return this.#counted(() => this.#run('analyseImage', input, pixelsOf(image), holding, signal))
  }

  createVariation(
    image: ImageInHand,
    regions: RegionAnalysis,
    colors: PaletteColors,
    signal: AbortSignal,
  ): Promise<Timed<EncodedImage>> {
    const { strength, format } = this.#options
    const input = { image, regions, colors, strength, format }
    const holding = this.#holdings.get(image)?.holding
    return this.#counted(() => this.#run('createVariation', input, pixelsOf(image), holding, signal))
  }

  close(): void {
    for (const held of this.#holdings.values()) this.#release(held)
    this.#holdings.clear()
    this.#pool.close(this.#share)
    const totalMs = performance.now() - this.#openedAtMs
    this.#onEnd({
      imageMs: this.#share.usedMs,
      elsewhereMs: Math.max(0, totalMs - this.#busyMs),
      meanBytes: totalMs > 0 ? this.#heldByteMs / totalMs : 0,
    })
  }

  /** Counts the time in which the task uses or waits for what is bounded here. */
  async #counted<T>(work: () => Promise<T>): Promise<T> {
    if (this.#calls++ === 0) this.#busySinceMs = performance.now()
    try {
      return await work()
    } finally {
      if (--this.#calls === 0) this.#busyMs += performance.now() - this.#busySinceMs
    }
  }

  async #hold(need: MemoryNeed, signal: AbortSignal): Promise<Held> {
    const holding = await this.#memory.admit(need, signal)
    return { holding, bytes: need.heldBytes, sinceMs: performance.now() }
  }

  #release({ holding, bytes, sinceMs }: Held): void {
    holding.release()
    this.#heldByteMs += bytes * (performance.now() - sinceMs)
  }

  /**
   * What memory is set aside for. There is none for a file without a readable header, or of too large a picture: the
   * thread is asked all the same, because it knows why it refuses the file, but decodes nothing that finds no room.
   */
  #sizeOf(encoded: Uint8Array): ImageSize {
    const size = claimedSize(encoded)
    return size && size.pixels <= this.#options.limits.maxPixels ? size : NOTHING
  }

  #limitsFor({ pixels }: ImageSize): ImageLimits {
    return { ...this.#options.limits, roomForPixels: pixels }
  }

  #run<N extends JobName>(
    job: N,
    input: JobInput<N>,
    pixels: number,
    memory: Holding | undefined,
    signal: AbortSignal,
    work: readonly JobName[] = [job],
  ): Promise<Timed<JobOutput<N>>> {
    const terms = { share: this.#share, cost: ordinaryCost(work, pixels), memory }
    return this.#pool.run(job, input, signal, terms)
  }
}

/** Tells the time of an analysis from that of the decoding before it. */
function withAnalysis({
  value,
  waitMs,
  runMs,
  restMs,
}: Timed<JobOutput<'prepareImage'>>): Timed<DecodedImage> {
  const { image, encoded, analysis } = value
  if (!analysis) return { value: { image, encoded, analysis: null }, waitMs, runMs, restMs }
  return {
    value: { image, encoded, analysis: { ...analysis, waitMs: 0, restMs } },
    waitMs,
    runMs: runMs - analysis.runMs,
    restMs: restMs + analysis.runMs,
  }
}

function pixelsOf({ width, height }: ImageInHand): number {
  return width * height
}
