import { z } from 'zod'
import type { EncodedImage } from '../threads/protocol.ts'
import { TaskProcessor, type Attempt } from './base.ts'
import { callIdentity } from './call-identity.ts'
import { ConceptImageMaker } from './concept-images.ts'
import { digestOf } from './digest.ts'
import { againIfLost } from './lost-calls.ts'
import { PaidImages, type PreparedImage } from './paid-images.ts'
import { flag, optionalText, paletteCount, parseFields, requiredText, requiredUrl } from './request-fields.ts'
import type { FinishedConcept, OriginalConcept, Services } from './services.ts'
import type { ClaimedTask } from './task.ts'

export const refinementFields = z.object({
  refinement_prompt: requiredText,
  original_image_url: requiredUrl,
  logo_description: optionalText,
  theme_description: optionalText,
  num_palettes: paletteCount(0, 0),
  is_anonymous: flag.optional(),
})

type RefinementRequest = z.output<typeof refinementFields>
type Original = { readonly image: EncodedImage; readonly concept: OriginalConcept | null }
type Refined = { readonly refined: PreparedImage; readonly concept: OriginalConcept | null }

/** An image and an instruction become a refined image that keeps the data of the concept it came from. */
export class RefinementProcessor extends TaskProcessor<RefinementRequest> {
  readonly #paid: PaidImages
  readonly #images: ConceptImageMaker

  constructor(services: Services) {
    super(services)
    this.#paid = new PaidImages(services)
    this.#images = new ConceptImageMaker(services)
  }

  protected parseRequest(fields: Readonly<Record<string, unknown>>): RefinementRequest {
    return parseFields(refinementFields, fields)
  }

  protected async createConcept(request: RefinementRequest, attempt: Attempt): Promise<FinishedConcept> {
    const { refined, concept } = await this.#refine(request, attempt)
    // What the message leaves out comes from the concept that is refined.
    const logoDescription = request.logo_description || (concept?.logoDescription ?? '')
    const themeDescription = request.theme_description || (concept?.themeDescription ?? '')
    const images = await this.#images.make(
      refined,
      { logoDescription, themeDescription, paletteCount: request.num_palettes },
      attempt,
    )
    return {
      logoDescription,
      themeDescription,
      isAnonymous: request.is_anonymous ?? concept?.isAnonymous ?? true,
      refinement: {
        prompt: request.refinement_prompt,
        originalImageUrl: request.original_image_url,
        originalConceptId: concept?.id ?? null,
      },
      ...images,
    }
  }

  async #refine(request: RefinementRequest, attempt: Attempt): Promise<Refined> {
    const { refinement_prompt: prompt, original_image_url: url } = request
    const isAnalysed = request.num_palettes > 0
    const order = { stage: 'refine_image', askedFor: digestOf(prompt, url), isAnalysed } as const
    const resumed = await this.#paid.resume(order, attempt)
    if (resumed) return { refined: resumed, concept: await this.#findConcept(url, attempt) }
    return againIfLost(async () => {
      // Fetched anew as well: the call takes the memory of the image along.
      const { image, concept } = await this.#fetchOriginal(url, attempt)
      const refined = await this.#paid.obtain(order, attempt, (onStart) =>
        this.services.models.refineImage(
          { image, prompt, ...callIdentity(attempt.task, order.stage) },
          attempt.signal,
          onStart,
        ),
      )
      return { refined, concept }
    })
  }

  /**
   * The original is decoded, shrunk and encoded anew before any model sees it: a model is paid for, what a user's
   * URL delivers may be anything, and a large picture would cost memory for nothing.
   */
  #fetchOriginal(url: string, { task, clock, images, signal }: Attempt): Promise<Original> {
    return clock.stage('fetch_original', async (steps) => {
      const { bytes, path } = await steps.run('fetch', null, () =>
        this.services.originals.fetch(url, task.userId, signal),
      )
      const image = await steps.queued('shrink', null, () => images.shrinkOriginal(bytes, signal))
      return { image, concept: await this.#conceptOf(path, task) }
    })
  }

  /** Once there is a refined image its original is no longer needed, and may be gone; its concept still is. */
  #findConcept(url: string, { task, clock }: Attempt): Promise<OriginalConcept | null> {
    return clock.stage('fetch_original', (steps) => {
      steps.resumed()
      return this.#conceptOf(this.services.originals.pathOf(url), task)
    })
  }

  async #conceptOf(path: string | null, { userId }: ClaimedTask): Promise<OriginalConcept | null> {
    return path === null ? null : this.services.concepts.findByImagePath(userId, path)
  }
}
