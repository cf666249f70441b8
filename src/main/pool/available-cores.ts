import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const CGROUP_ROOT = '/sys/fs/cgroup'

/**
 * Cores that this process may use: its CPU affinity, or less where a cgroup quota (a container's CPU limit)
 * allows less; a quota of 2.5 cores counts as 3. At least 1.
 *
 * Reads a few kernel files synchronously: the launcher needs the figure before anything may start
 * libuv's thread pool, and asynchronous file work is what starts it.
 */
export function availableCores(): number {
  const quota = cgroupQuota()
  const cores = availableParallelism()
  return Math.max(1, quota === null ? cores : Math.min(cores, Math.ceil(quota)))
}

/** Cores of the tightest quota on the way from this process's cgroup to the root; null where none is set. */
function cgroupQuota(): number | null {
  const group = /^0::(.*)$/m.exec(readKernelFile('/proc/self/cgroup'))?.[1]
  const quotas: number[] = []
  if (group !== undefined) {
    for (let path = group; ; path = path.slice(0, path.lastIndexOf('/'))) {
      quotas.push(parseQuota(readKernelFile(`${CGROUP_ROOT}${path === '/' ? '' : path}/cpu.max`)))
      if (path === '' || path === '/') break
    }
  }
  // Version 1 of the interface keeps the two figures in two files.
  const quotaUs = readKernelFile(`${CGROUP_ROOT}/cpu/cpu.cfs_quota_us`)
  const periodUs = readKernelFile(`${CGROUP_ROOT}/cpu/cpu.cfs_period_us`)
  quotas.push(parseQuota(`${quotaUs.trim()} ${periodUs.trim()}`))
  const tightest = Math.min(...quotas)
  return Number.isFinite(tightest) ? tightest : null
}

/** `QUOTA PERIOD` in microseconds, as in cpu.max, to cores; Infinity where there is no limit. */
export function parseQuota(text: string): number {
  const [quotaUs = Number.NaN, periodUs = Number.NaN] = text.trim().split(/\s+/).map(Number)
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : Infinity
}

function readKernelFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not Linux, or the other version of the interface.
    return ''
  }
}
