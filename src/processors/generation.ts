import { z } from 'zod'
import { TaskProcessor, type Attempt } from './base.ts'
import { ConceptImageMaker } from './concept-images.ts'
import { DEFAULT_PALETTES, flag, paletteCount, parseFields, requiredText } from './request-fields.ts'
import { seedFor } from './seed.ts'
import type { FinishedConcept, Services } from './services.ts'

export const generationFields = z.object({
  logo_description: requiredText,
  theme_description: requiredText,
  num_palettes: paletteCount(1, DEFAULT_PALETTES),
  is_anonymous: flag(true),
})

type GenerationRequest = z.output<typeof generationFields>

/** A logo description and a theme become a base image, palettes, and one variation for each palette. */
export class GenerationProcessor extends TaskProcessor<GenerationRequest> {
  readonly #images: ConceptImageMaker

  constructor(services: Services) {
    super(services)
    this.#images = new ConceptImageMaker(services)
  }

  protected parseRequest(fields: Readonly<Record<string, unknown>>): GenerationRequest {
    return parseFields(generationFields, fields)
  }

  protected async createConcept(request: GenerationRequest, attempt: Attempt): Promise<FinishedConcept> {
    const { task, clock, signal } = attempt
    const brief = {
      logoDescription: request.logo_description,
      themeDescription: request.theme_description,
      paletteCount: request.num_palettes,
    }
    const generated = await clock.stage('generate_image', (steps) =>
      steps.inTurn('call', null, (onStart) =>
        this.services.models.generateImage(
          {
            prompt: `Logo: ${brief.logoDescription}. Theme: ${brief.themeDescription}`,
            seed: seedFor(task.id, task.attempt),
          },
          signal,
          onStart,
        ),
      ),
    )
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
