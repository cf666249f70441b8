import { totalmem } from 'node:os'
import { readCgroupLevels, readCgroupV1 } from './cgroup.ts'

const MIB = 1024 * 1024
/** Room for some hundred images of 1024x1024 in hand for each thread. */
const MIB_PER_THREAD = 512
/** With less an image of the largest size allowed might not fit. */
const LEAST_MIB = 1024

/** Bytes of memory that this process may use: the machine's, or less where a cgroup allows less. */
export function availableMemoryBytes(): number {
  const limits = [...readCgroupLevels('memory.max'), readCgroupV1('memory/memory.limit_in_bytes')]
  return Math.min(totalmem(), ...limits.map(parseLimit))
}

/** Bytes, as in memory.max; Infinity where there is no limit. */
export function parseLimit(text: string): number {
  const bytes = Number.parseInt(text, 10)
  return bytes > 0 ? bytes : Infinity
}

/**
 * Mebibytes that image work may take where nothing is configured: 512 for each thread and 1024 at least, but never
 * more than half of what there is. The other half is for files in hand, heaps, code and the system.
 */
export function defaultImageMemoryMib(threads: number, availableBytes: number): number {
  const wanted = Math.max(LEAST_MIB, threads * MIB_PER_THREAD)
  return Math.max(1, Math.min(wanted, Math.floor(availableBytes / 2 / MIB)))
}
