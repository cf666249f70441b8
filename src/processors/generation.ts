import { z } from 'zod'
import { TaskProcessor, type Attempt } from './base.ts'
import { callIdentity } from './call-identity.ts'
import { ConceptImageMaker } from './concept-images.ts'
import { digestOf } from './digest.ts'
import { againIfLost } from './lost-calls.ts'
import { PaidImages } from './paid-images.ts'
import { DEFAULT_PALETTES, flag, paletteCount, parseFields, requiredText } from './request-fields.ts'
import type { FinishedConcept, Services } from './services.ts'

export const generationFields = z.object({
  logo_description: requiredText,
  theme_description: requiredText,
  num_palettes: paletteCount(1, DEFAULT_PALETTES),
  is_anonymous: flag.default(true),
})

type GenerationRequest = z.output<typeof generationFields>

/** A logo description and a theme become a base image, palettes, and one variation for each palette. */
export class GenerationProcessor extends TaskProcessor<GenerationRequest> {
  readonly #paid: PaidImages
  readonly #images: ConceptImageMaker

  constructor(services: Services) {
    super(services)
    this.#paid = new PaidImages(services)
    this.#images = new ConceptImageMaker(services)
  }

  protected parseRequest(fields: Readonly<Record<string, unknown>>): GenerationRequest {
    return parseFields(generationFields, fields)
  }

  protected async createConcept(request: GenerationRequest, attempt: Attempt): Promise<FinishedConcept> {
    const { task, signal } = attempt
    const brief = {
      logoDescription: request.logo_description,
      themeDescription: request.theme_description,
      paletteCount: request.num_palettes,
    }
    const prompt = `Logo: ${brief.logoDescription}. Theme: ${brief.themeDescription}`
    const order = { stage: 'generate_image', askedFor: digestOf(prompt), isAnalysed: true } as const
    const generated =
      (await this.#paid.resume(order, attempt)) ??
      (await againIfLost(() =>
        this.#paid.obtain(order, attempt, (onStart) =>
          this.services.models.generateImage({ prompt, ...callIdentity(task, order.stage) }, signal, onStart),
        ),
      ))
    const images = await this.#images.make(generated, brief, attempt)
    return {
      logoDescription: brief.logoDescription,
      themeDescription: brief.themeDescription,
      isAnonymous: request.is_anonymous,
      refinement: null,
      ...images,
    }
  }
}
