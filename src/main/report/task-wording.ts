import { GENERATION, REFINEMENT } from '../../processors/task.ts'
import type { TaskView } from '../concepts/task-view.ts'

const TYPE_NAMES = new Map<string, string>([
  [GENERATION, 'Generation'],
  [REFINEMENT, 'Refinement'],
])

/** What a task is called in the report; `index` is its place in it, from 0. */
export function headingOf({ type }: TaskView, index: number): string {
  return `${index + 1}. ${TYPE_NAMES.get(type) ?? type}`
}

/** The id of a task's card. It is made of the place alone, so no data gets into a link. */
export function taskAnchor(index: number): string {
  return `task-${index + 1}`
}

/** From the hand-in of a task to its end, in milliseconds; null while it has not ended. */
export function durationOf({ status, createdAt, completedAt, updatedAt }: TaskView): number | null {
  if (status === 'pending' || status === 'processing') return null
  return Math.max(0, (completedAt ?? updatedAt).getTime() - createdAt.getTime())
}

/** `1 concept`, `2 concepts`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
