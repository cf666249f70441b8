import type { Outcome } from '../../processors/outcome.ts'
import type { TaskReference } from '../../processors/task.ts'

interface Processors<Rest extends readonly unknown[]> {
  get(taskType: string): {
    process(reference: TaskReference, stopping: AbortSignal, ...rest: Rest): Promise<Outcome>
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
      async process(reference, stopping, ...rest) {
        const outcome = await processors.get(taskType).process(reference, stopping, ...rest)
        meter.taskEnded(taskType, outcome)
        return outcome
      },
    }),
  }
}
