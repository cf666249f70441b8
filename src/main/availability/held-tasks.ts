import { setMaxListeners } from 'node:events'
import type { Outcome } from '../../processors/outcome.ts'
import type { TaskReference } from '../../processors/task.ts'

/** Says whether what a task needs is there: its models, the image storage. */
export interface Availability {
  /** Whether all of it is, for tasks of every type. */
  readonly isAvailable: boolean
  /** Resolves when all that a task of this type needs is there. Throws the signal's reason once it is aborted. */
  untilAvailable(taskType: string, signal: AbortSignal): Promise<void>
}

/** Several things that tasks need, as one. */
export class Dependencies implements Availability {
  readonly #parts: readonly Availability[]

  constructor(parts: readonly Availability[]) {
    this.#parts = parts
  }

  get isAvailable(): boolean {
    return this.#parts.every((part) => part.isAvailable)
  }

  async untilAvailable(taskType: string, signal: AbortSignal): Promise<void> {
    for (const part of this.#parts) await part.untilAvailable(taskType, signal)
  }
}

/**
 * Runs tasks, but claims none while something that it needs is down. The message stays in hand meanwhile, so that the
 * broker's flow control stops the intake. Nothing has been claimed yet when `draining` aborts: the task ends at once.
 */
export function heldBack(
  run: (reference: TaskReference) => Promise<Outcome>,
  needed: Availability,
  draining: AbortSignal,
): (reference: TaskReference) => Promise<Outcome> {
  // Each task that waits listens; a crowd of listeners is no leak here.
  setMaxListeners(0, draining)
  const runLater = async (reference: TaskReference): Promise<Outcome> => {
    try {
      await needed.untilAvailable(reference.taskType, draining)
    } catch {
      return { kind: 'interrupted' }
    }
    return run(reference)
  }
  return (reference) => (needed.isAvailable ? run(reference) : runLater(reference))
}
