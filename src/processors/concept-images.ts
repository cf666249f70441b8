import type { ImageAnalysis, Palette, Swatch } from '../threads/protocol.ts'
import type { Attempt } from './base.ts'
import { callIdentity } from './call-identity.ts'
import { digestOf } from './digest.ts'
import { againIfLost } from './lost-calls.ts'
import { baseImagePath, variationPath } from './object-paths.ts'
import type { PreparedImage } from './paid-images.ts'
import { PaidPalettes } from './paid-palettes.ts'
import { filledUp } from './palette-selection.ts'
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

/** The steps from a prepared image to stored pictures; generation and refinement share them. */
export class ConceptImageMaker {
  readonly #services: Services
  readonly #paid: PaidPalettes

  constructor(services: Services) {
    this.#services = services
    this.#paid = new PaidPalettes(services.checkpoints)
  }

  /** Stores the image and makes palettes at the same time; then makes a variation for each palette. */
  async make(base: PreparedImage, brief: ConceptBrief, attempt: Attempt): Promise<ConceptImages> {
    if (brief.paletteCount === 0) {
      const stored = await this.#storeBase(base, attempt, attempt.signal)
      return { stored, swatches: [], variations: [] }
    }
    const [stored, colours] = await together<[StoredObject, Colours]>(attempt.signal, [
      (signal) => this.#storeBase(base, attempt, signal),
      (signal) => this.#makePalettes(base, brief, attempt, signal),
    ])
    const variations = await this.#makeVariations(base, colours, attempt)
    return { stored, swatches: colours.analysis.swatches, variations }
  }

  #storeBase(
    { encoded, digest }: PreparedImage,
    { clock, task }: Attempt,
    signal: AbortSignal,
  ): Promise<StoredObject> {
    return clock.stage('store_image', () =>
      this.#services.store.put(
        baseImagePath(task.userId, task.id, digest, encoded.contentType),
        { ...encoded, isGivenAway: true },
        signal,
      ),
    )
  }

  #makePalettes(
    { image, analysis: analysed }: PreparedImage,
    brief: ConceptBrief,
    { clock, images, task }: Attempt,
    signal: AbortSignal,
  ): Promise<Colours> {
    const { logoDescription, themeDescription, paletteCount: count } = brief
    const askedFor = digestOf(logoDescription, themeDescription, count)
    return clock.stage('generate_palettes', async (steps) => {
      const analysis =
        analysed ?? (await steps.queued('analyse', null, () => images.analyseImage(image, signal)))
      const { swatches, derivedPalettes } = analysis
      const identity = callIdentity(task, 'generate_palettes')
      const whole =
        (await this.#paid.resume(askedFor, count, task, steps)) ??
        (await againIfLost(() =>
          this.#paid.obtain(askedFor, count, task, steps, (onStart) =>
            this.#services.models.suggestPalettes(
              { logoDescription, themeDescription, swatches, count, ...identity },
              signal,
              onStart,
            ),
          ),
        ))
      return { analysis, palettes: filledUp(whole, derivedPalettes, count) }
    })
  }

  /** All at once: the pool's queue decides. Each is stored while others are still being recoloured. */
  #makeVariations(
    { image, digest }: PreparedImage,
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
          const mark = digestOf(digest, ...palette.colors)
          const path = variationPath(task.userId, task.id, position, mark, encoded.contentType)
          const stored = await steps.run('store', position, () =>
            this.#services.store.put(path, { ...encoded, isGivenAway: true }, siblings),
          )
          return { palette, stored }
        }),
      ),
    )
  }
}
