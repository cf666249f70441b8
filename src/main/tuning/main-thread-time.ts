import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

const NS_PER_MS = 1_000_000

/** Linux counts CPU time by thread, and the main one has the number of the process. */
const SCHEDSTAT = `/proc/self/task/${process.pid}/schedstat`

/**
 * CPU milliseconds of the main thread since some moment; where the system does not tell them, the time that the event
 * loop was at work, which other processes may draw out.
 */
export function mainThreadMs(schedstat = SCHEDSTAT): number {
  return mainThreadCpuMs(schedstat) ?? performance.eventLoopUtilization().active
}

/** Null where the system does not tell it: no Linux, a sandbox such as gVisor, a kernel that does not count. */
export function mainThreadCpuMs(schedstat = SCHEDSTAT): number | null {
  try {
    const [onCpuNs = ''] = readFileSync(schedstat, 'utf8').split(' ')
    // A kernel that does not count writes 0.
    return Number(onCpuNs) > 0 ? Number(onCpuNs) / NS_PER_MS : null
  } catch {
    return null
  }
}
