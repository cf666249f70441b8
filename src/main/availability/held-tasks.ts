import { setMaxListeners } from 'node:events'
import type { Outcome } from '../../processors/outcome.ts'
import type { TaskReference } from '../../processors/task.ts'
import type { CircuitBreaker, End } from './circuit-breaker.ts'

/** Something that tasks need: the models, the image storage. */
export interface Dependency {
  /** The breakers of all that a task of this type calls. */
  breakersFor(taskType: string): readonly CircuitBreaker[]
}

/** All that tasks need, and so whether one of a type may begin. */
export class Dependencies {
  readonly #parts: readonly Dependency[]

  constructor(parts: readonly Dependency[]) {
    this.#parts = parts
  }

  /** Whether any number of tasks of this type may begin. */
  isFree(taskType: string): boolean {
    return this.#breakersFor(taskType).every(({ state }) => state === 'closed')
  }

  /** Whether a task of this type may begin: any number of them, or one that finds out whether others may. */
  isCalm(taskType: string): boolean {
    return this.#breakersFor(taskType).every(({ isCalm }) => isCalm)
  }

  /** Begins a task of this type; null where none may begin now. */
  tryBegin(taskType: string): End | null {
    if (!this.isCalm(taskType)) return null
    const ends = this.#breakersFor(taskType).map((breaker) => breaker.begin())
    return () => {
      for (const end of ends) end()
    }
  }

  /**
   * Begins a task of this type when it may. Holds on to nothing while it waits, so that two types that need the same
   * things keep each other back for no longer than a trial takes. Throws the signal's reason once it is aborted.
   */
  async begin(taskType: string, signal: AbortSignal): Promise<End> {
    for (;;) {
      const end = this.tryBegin(taskType)
      if (end) return end
      for (const breaker of this.#breakersFor(taskType)) await breaker.untilCalm(signal)
    }
  }

  #breakersFor(taskType: string): readonly CircuitBreaker[] {
    return this.#parts.flatMap((part) => part.breakersFor(taskType))
  }
}

/**
 * Runs tasks, but claims none while something that it needs is down, except for one that finds out. The message stays in
 * hand meanwhile, so that the broker's flow control stops the intake. Nothing has been claimed yet when `draining` aborts:
 * the task ends at once.
 */
export function heldBack(
  run: (reference: TaskReference) => Promise<Outcome>,
  needed: Dependencies,
  draining: AbortSignal,
): (reference: TaskReference) => Promise<Outcome> {
  // Each task that waits listens; a crowd of listeners is no leak here.
  setMaxListeners(0, draining)
  const runLater = async (reference: TaskReference): Promise<Outcome> => {
    let end: End
    try {
      end = await needed.begin(reference.taskType, draining)
    } catch {
      return { kind: 'interrupted' }
    }
    return run(reference).finally(end)
  }
  return (reference) => (needed.isFree(reference.taskType) ? run(reference) : runLater(reference))
}
