import { TaskProcessor } from './base.ts'
import { Failure } from './failure.ts'

/** For a task type that this worker does not know: the task fails with a clear message. */
export class UnknownTypeProcessor extends TaskProcessor<never> {
  protected parseRequest(): never {
    throw new Failure('unknown_task_type', 'task_type: expected concept_generation or concept_refinement')
  }

  protected createConcept(): Promise<never> {
    return Promise.reject(new Error('a request of unknown type cannot be parsed'))
  }
}
