import type { ImageWork, TaskImages } from '../../processors/services.ts'
import type { Timed } from '../../processors/stage-clock.ts'
import { measureImage, type ImageSize } from '../../threads/codec/decode.ts'
import { applyLoaderPolicy } from '../../threads/codec/loader-policy.ts'
import type {
  EncodedImage,
  ImageAnalysis,
  ImageLimits,
  JobInput,
  JobName,
  JobOutput,
  OutputFormat,
  PaletteColors,
  RegionAnalysis,
  SharedImage,
} from '../../threads/protocol.ts'
import { ordinaryCost, recolouringNeed, shrinkingNeed } from './image-cost.ts'
import { refusal } from './image-failure.ts'
import type { Holding, ImageMemory } from './image-memory.ts'
import type { PoolShare, ThreadPool } from './thread-pool.ts'

export type ImageThreadsOptions = {
  readonly limits: ImageLimits
  readonly format: OutputFormat
  /** Longer side of what an edit model gets. */
  readonly editInputSidePx: number
  /** 0 to 1. */
  readonly strength: number
}

/**
 * The processors' image work, done on the pool with the worker's limits and output format. Of an image the main thread
 * reads the header and nothing else.
 */
export class ImageThreads implements ImageWork {
  readonly #pool: ThreadPool
  readonly #memory: ImageMemory
  readonly #options: ImageThreadsOptions

  constructor(pool: ThreadPool, memory: ImageMemory, options: ImageThreadsOptions) {
    this.#pool = pool
    this.#memory = memory
    this.#options = options
    // A header is read by the same decoders.
    applyLoaderPolicy()
  }

  open(): TaskImages {
    return new OneTasksImages(this.#pool, this.#memory, this.#options)
  }
}

/**
 * Image work of one task: its jobs have one share of the pool, and what it decodes is held in the image memory from
 * before it is decoded until the task is done with it and every job on it has ended.
 */
class OneTasksImages implements TaskImages {
  readonly #pool: ThreadPool
  readonly #memory: ImageMemory
  readonly #options: ImageThreadsOptions
  readonly #share: PoolShare
  readonly #holdings = new Map<SharedImage, Holding>()

  constructor(pool: ThreadPool, memory: ImageMemory, options: ImageThreadsOptions) {
    this.#pool = pool
    this.#memory = memory
    this.#options = options
    this.#share = pool.open()
  }

  async prepareImage(
    encoded: Uint8Array,
    signal: AbortSignal,
  ): Promise<Timed<{ image: SharedImage; encoded: EncodedImage }>> {
    const { format } = this.#options
    const size = await this.#measure(encoded)
    const holding = await this.#memory.admit(recolouringNeed(size, format.type), signal)
    try {
      const input = { encoded, limits: this.#limitsOf(size), format }
      const prepared = await this.#run('prepareImage', input, size.pixels, holding, signal)
      this.#holdings.set(prepared.value.image, holding)
      return prepared
    } catch (error) {
      holding.release()
      throw error
    }
  }

  async shrinkOriginal(encoded: Uint8Array, signal: AbortSignal): Promise<Timed<EncodedImage>> {
    const { format, editInputSidePx: maxSidePx } = this.#options
    const size = await this.#measure(encoded)
    const holding = await this.#memory.admit(shrinkingNeed(size), signal)
    try {
      const input = { encoded, limits: this.#limitsOf(size), maxSidePx, format }
      return await this.#run('shrinkImage', input, size.pixels, holding, signal)
    } finally {
      holding.release()
    }
  }

  analyseImage(image: SharedImage, signal: AbortSignal): Promise<Timed<ImageAnalysis>> {
    return this.#run('analyseImage', { image }, pixelsOf(image), this.#holdings.get(image), signal)
  }

  createVariation(
    image: SharedImage,
    regions: RegionAnalysis,
    colors: PaletteColors,
    signal: AbortSignal,
  ): Promise<Timed<EncodedImage>> {
    const { strength, format } = this.#options
    const input = { image, regions, colors, strength, format }
    return this.#run('createVariation', input, pixelsOf(image), this.#holdings.get(image), signal)
  }

  close(): void {
    for (const holding of this.#holdings.values()) holding.release()
    this.#holdings.clear()
    this.#pool.close(this.#share)
  }

  async #measure(encoded: Uint8Array): Promise<ImageSize> {
    try {
      return await measureImage(encoded, this.#options.limits)
    } catch (error) {
      throw refusal(error)
    }
  }

  /** No decoder may find more pixels than there is memory set aside for. */
  #limitsOf({ pixels }: ImageSize): ImageLimits {
    return { ...this.#options.limits, maxPixels: pixels }
  }

  #run<N extends JobName>(
    job: N,
    input: JobInput<N>,
    pixels: number,
    memory: Holding | undefined,
    signal: AbortSignal,
  ): Promise<Timed<JobOutput<N>>> {
    const terms = { share: this.#share, cost: ordinaryCost(job, pixels), memory }
    return this.#pool.run(job, input, signal, terms)
  }
}

function pixelsOf({ width, height }: SharedImage): number {
  return width * height
}
