import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

const NS_PER_MS = 1_000_000

/**
 * CPU milliseconds of the main thread since some moment. Linux counts them by thread, and the main one has the number
 * of the process; elsewhere it is the time that the event loop was at work, which other processes may draw out.
 */
export function mainThreadMs(): number {
  if (process.platform !== 'linux') return performance.eventLoopUtilization().active
  const [onCpuNs = ''] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  return Number(onCpuNs) / NS_PER_MS
}
