import type { TaskProcessor } from './base.ts'
import { GenerationProcessor } from './generation.ts'
import { RefinementProcessor } from './refinement.ts'
import type { Services } from './services.ts'
import { GENERATION, isTaskType, REFINEMENT, type TaskType } from './task.ts'
import { UnknownTypeProcessor } from './unknown-type.ts'

/** Finds the processor of a task type. */
export class ProcessorRegistry {
  readonly #processors: Readonly<Record<TaskType, TaskProcessor<unknown>>>
  readonly #unknown: TaskProcessor<unknown>

  constructor(services: Services) {
    this.#processors = {
      [GENERATION]: new GenerationProcessor(services),
      [REFINEMENT]: new RefinementProcessor(services),
    }
    this.#unknown = new UnknownTypeProcessor(services)
  }

  get(taskType: string): TaskProcessor<unknown> {
    return isTaskType(taskType) ? this.#processors[taskType] : this.#unknown
  }
}
