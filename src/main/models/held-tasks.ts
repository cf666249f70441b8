import { setMaxListeners } from 'node:events'
import type { Outcome } from '../../processors/outcome.ts'
import type { TaskReference } from '../../processors/task.ts'

/** Says whether the models that a task needs are there. */
export interface ModelAvailability {
  /** Whether all of them are. */
  readonly isAvailable: boolean
  /** Resolves when those are that a task of this type needs. Throws the signal's reason once it is aborted. */
  untilAvailable(taskType: string, signal: AbortSignal): Promise<void>
}

/**
 * Runs tasks, but claims none while a model that it needs is down. The message stays in hand meanwhile, so that the
 * broker's flow control stops the intake. Nothing has been claimed yet when `draining` aborts: the task ends at once.
 */
export function heldBack(
  run: (reference: TaskReference) => Promise<Outcome>,
  models: ModelAvailability,
  draining: AbortSignal,
): (reference: TaskReference) => Promise<Outcome> {
  // Each task that waits listens; a crowd of listeners is no leak here.
  setMaxListeners(0, draining)
  const runLater = async (reference: TaskReference): Promise<Outcome> => {
    try {
      await models.untilAvailable(reference.taskType, draining)
    } catch {
      return { kind: 'interrupted' }
    }
    return run(reference)
  }
  return (reference) => (models.isAvailable ? run(reference) : runLater(reference))
}
