import type { EncodedImage, ImageAnalysis, Palette, SharedImage, Swatch } from '../threads/protocol.ts'
import type { Attempt } from './base.ts'
import { Failure } from './failure.ts'
import { baseImagePath, variationPath } from './object-paths.ts'
import { selectPalettes } from './palette-selection.ts'
import { seedFor } from './seed.ts'
import type { FinishedVariation, Services, StoredObject } from './services.ts'
import { together } from './together.ts'

/** What the palettes and the variations of a concept are made from. */
export type ConceptBrief = {
  readonly logoDescription: string
  readonly themeDescription: string
  /** 0: no palettes and no variations. */
  readonly paletteCount: number
}

export type ConceptImages = {
  readonly stored: StoredObject
  readonly swatches: readonly Swatch[]
  readonly variations: readonly FinishedVariation[]
}

type Colours = { readonly analysis: ImageAnalysis; readonly palettes: readonly Palette[] }

/** The steps from a model's image to stored pictures; generation and refinement share them. */
export class ConceptImageMaker {
  readonly #services: Services

  constructor(services: Services) {
    this.#services = services
  }

  /**
   * Prepares the image on a thread; then, at the same time, stores it and makes palettes; then makes a variation
   * for each palette.
   */
  async make(modelImage: Uint8Array, brief: ConceptBrief, attempt: Attempt): Promise<ConceptImages> {
    const { image, encoded } = await this.#prepare(modelImage, attempt)
    if (brief.paletteCount === 0) {
      const stored = await this.#storeBase(encoded, attempt, attempt.signal)
      return { stored, swatches: [], variations: [] }
    }
    const [stored, colours] = await together<[StoredObject, Colours]>(attempt.signal, [
      (signal) => this.#storeBase(encoded, attempt, signal),
      (signal) => this.#makePalettes(image, brief, attempt, signal),
    ])
    const variations = await this.#makeVariations(image, colours, attempt)
    return { stored, swatches: colours.analysis.swatches, variations }
  }

  #prepare(modelImage: Uint8Array, { clock, images, signal }: Attempt) {
    return clock.stage('prepare_image', async (steps) => {
      try {
        return await steps.queued('decode', null, () => images.prepareImage(modelImage, signal))
      } catch (error) {
        if (!(error instanceof Failure) || error.category !== 'invalid_image') throw error
        throw new Failure('invalid_output', `the model's answer is no usable image: ${error.message}`, {
          cause: error,
        })
      }
    })
  }

  #storeBase(encoded: EncodedImage, { clock, task }: Attempt, signal: AbortSignal): Promise<StoredObject> {
    return clock.stage('store_image', () =>
      this.#services.store.put(baseImagePath(task.userId, task.id, encoded.contentType), encoded, signal),
    )
  }

  #makePalettes(
    image: SharedImage,
    brief: ConceptBrief,
    { clock, images, task }: Attempt,
    signal: AbortSignal,
  ): Promise<Colours> {
    const { logoDescription, themeDescription, paletteCount: count } = brief
    return clock.stage('generate_palettes', async (steps) => {
      const analysis = await steps.queued('analyse', null, () => images.analyseImage(image, signal))
      const suggested = await steps.run('suggest', null, () =>
        this.#services.models.suggestPalettes(
          {
            logoDescription,
            themeDescription,
            swatches: analysis.swatches,
            count,
            seed: seedFor(task.id, task.attempt),
          },
          signal,
        ),
      )
      return { analysis, palettes: selectPalettes(suggested, analysis.derivedPalettes, count) }
    })
  }

  /** All at once: the pool's queue decides. Each is stored while others are still being recoloured. */
  #makeVariations(
    image: SharedImage,
    { analysis, palettes }: Colours,
    { clock, images, task, signal }: Attempt,
  ): Promise<readonly FinishedVariation[]> {
    return clock.stage('create_variations', (steps) =>
      together(
        signal,
        palettes.map((palette, position) => async (siblings: AbortSignal): Promise<FinishedVariation> => {
          const encoded = await steps.queued('recolour', position, () =>
            images.createVariation(image, analysis.regions, palette.colors, siblings),
          )
          const path = variationPath(task.userId, task.id, position, encoded.contentType)
          const stored = await steps.run('store', position, () =>
            this.#services.store.put(path, encoded, siblings),
          )
          return { palette, stored }
        }),
      ),
    )
  }
}
