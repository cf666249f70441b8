import { z } from 'zod'
import type { EncodedImage } from '../threads/protocol.ts'
import { TaskProcessor, type Attempt } from './base.ts'
import { ConceptImageMaker } from './concept-images.ts'
import { flag, optionalText, paletteCount, parseFields, requiredText, requiredUrl } from './request-fields.ts'
import { seedFor } from './seed.ts'
import type { FinishedConcept, OriginalConcept, Services } from './services.ts'

export const refinementFields = z.object({
  refinement_prompt: requiredText,
  original_image_url: requiredUrl,
  logo_description: optionalText,
  theme_description: optionalText,
  num_palettes: paletteCount(0, 0),
  is_anonymous: flag(true).optional(),
})

type RefinementRequest = z.output<typeof refinementFields>
type Original = { readonly image: EncodedImage; readonly concept: OriginalConcept | null }

/** An image and an instruction become a refined image that keeps the data of the concept it came from. */
export class RefinementProcessor extends TaskProcessor<RefinementRequest> {
  readonly #images: ConceptImageMaker

  constructor(services: Services) {
    super(services)
    this.#images = new ConceptImageMaker(services)
  }

  protected parseRequest(fields: Readonly<Record<string, unknown>>): RefinementRequest {
    return parseFields(refinementFields, fields)
  }

  protected async createConcept(request: RefinementRequest, attempt: Attempt): Promise<FinishedConcept> {
    const { task, clock, signal } = attempt
    const original = await this.#fetchOriginal(request, attempt)
    // What the message leaves out comes from the concept that is refined.
    const logoDescription = request.logo_description || (original.concept?.logoDescription ?? '')
    const themeDescription = request.theme_description || (original.concept?.themeDescription ?? '')
    const refined = await clock.stage('refine_image', () =>
      this.services.models.refineImage(
        { image: original.image, prompt: request.refinement_prompt, seed: seedFor(task.id, task.attempt) },
        signal,
      ),
    )
    const images = await this.#images.make(
      refined,
      { logoDescription, themeDescription, paletteCount: request.num_palettes },
      attempt,
    )
    return {
      logoDescription,
      themeDescription,
      isAnonymous: request.is_anonymous ?? original.concept?.isAnonymous ?? true,
      refinement: {
        prompt: request.refinement_prompt,
        originalImageUrl: request.original_image_url,
        originalConceptId: original.concept?.id ?? null,
      },
      ...images,
    }
  }

  /**
   * The original is decoded, shrunk and encoded anew before any model sees it: a model is paid for, what a user's
   * URL delivers may be anything, and a large picture would cost memory for nothing.
   */
  #fetchOriginal(request: RefinementRequest, { task, clock, images, signal }: Attempt): Promise<Original> {
    return clock.stage('fetch_original', async (steps) => {
      const { bytes, path } = await steps.run('fetch', null, () =>
        this.services.originals.fetch(request.original_image_url, task.userId, signal),
      )
      const image = await steps.queued('shrink', null, () => images.shrinkOriginal(bytes, signal))
      const concept = path === null ? null : await this.services.concepts.findByImagePath(task.userId, path)
      return { image, concept }
    })
  }
}
