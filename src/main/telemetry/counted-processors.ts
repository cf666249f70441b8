import type { Interruption } from '../../processors/interruption.ts'
import type { Outcome } from '../../processors/outcome.ts'
import type { TaskReference } from '../../processors/task.ts'

interface Processors<Rest extends readonly unknown[]> {
  get(taskType: string): {
    process(reference: TaskReference, stopping: Interruption, ...rest: Rest): Promise<Outcome>
  }
}

/** Hears how every task ended. */
export interface TaskMeter {
  taskEnded(taskType: string, outcome: Outcome): void
}

/** The same processors, with each outcome told to `meter`. */
export function counted<Rest extends readonly unknown[]>(
  processors: Processors<Rest>,
  meter: TaskMeter,
): Processors<Rest> {
  return {
    get: (taskType) => ({
      process: (reference, stopping, ...rest) =>
        processors
          .get(taskType)
          .process(reference, stopping, ...rest)
          .then((outcome) => {
            meter.taskEnded(taskType, outcome)
            return outcome
          }),
    }),
  }
}
