import type { ImageWork } from '../../processors/services.ts'
import type { Timed } from '../../processors/stage-clock.ts'
import type {
  EncodedImage,
  ImageAnalysis,
  ImageLimits,
  OutputFormat,
  PaletteColors,
  RegionAnalysis,
  SharedImage,
} from '../../threads/protocol.ts'
import { OUTPUT_FORMAT } from './image-settings.ts'
import type { ThreadPool } from './thread-pool.ts'

export type ImageThreadsOptions = {
  readonly limits: ImageLimits
  readonly format: OutputFormat
  /** Longer side of what an edit model gets. */
  readonly editInputSidePx: number
  /** 0 to 1. */
  readonly strength: number
}

/** The processors' image work, done on the pool with the worker's limits and output format. */
export class ImageThreads implements ImageWork {
  readonly #pool: ThreadPool
  readonly #options: ImageThreadsOptions

  constructor(pool: ThreadPool, options: ImageThreadsOptions) {
    this.#pool = pool
    this.#options = options
  }

  prepareImage(
    encoded: Uint8Array,
    signal: AbortSignal,
  ): Promise<Timed<{ image: SharedImage; encoded: EncodedImage }>> {
    const { limits, format } = this.#options
    return this.#pool.run('prepareImage', { encoded, limits, format }, signal)
  }

  shrinkOriginal(encoded: Uint8Array, signal: AbortSignal): Promise<Timed<EncodedImage>> {
    const { limits, editInputSidePx: maxSidePx } = this.#options
    return this.#pool.run('shrinkImage', { encoded, limits, maxSidePx, format: OUTPUT_FORMAT }, signal)
  }

  analyseImage(image: SharedImage, signal: AbortSignal): Promise<Timed<ImageAnalysis>> {
    return this.#pool.run('analyseImage', { image }, signal)
  }

  createVariation(
    image: SharedImage,
    regions: RegionAnalysis,
    colors: PaletteColors,
    signal: AbortSignal,
  ): Promise<Timed<EncodedImage>> {
    const { strength, format } = this.#options
    return this.#pool.run('createVariation', { image, regions, colors, strength, format }, signal)
  }
}
