import { TaskProcessor } from '../../src/processors/base.ts'
import type { FinishedConcept, Services } from '../../src/processors/services.ts'

const NOTHING: FinishedConcept = {
  logoDescription: '',
  themeDescription: '',
  isAnonymous: true,
  stored: { path: '', url: '' },
  swatches: [],
  variations: [],
  refinement: null,
}

const NO_IMAGES = { close: () => undefined }

/** What it needs of the world: the rows of tasks and concepts, and somebody to tell. */
export type IdleServices = Pick<Services, 'tasks' | 'concepts' | 'folders' | 'log' | 'meter'>

/** The life of a task from its claim to its completion, without any work. */
export class IdleProcessor extends TaskProcessor<null> {
  constructor(services: IdleServices) {
    // What it never calls is not there.
    super({
      ...services,
      images: { open: () => NO_IMAGES },
      store: { keepOnly: () => Promise.resolve() },
    } as unknown as Services)
  }

  protected parseRequest(): null {
    return null
  }

  protected createConcept(): Promise<FinishedConcept> {
    return Promise.resolve(NOTHING)
  }
}
