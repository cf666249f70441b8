import { createHash } from 'node:crypto'

/** Seeds are 31-bit: every model endpoint takes those. */
export function seedFor(taskId: string, attempt: number): number {
  return createHash('sha256').update(`${taskId}/${attempt}`).digest().readUInt32BE() >>> 1
}
