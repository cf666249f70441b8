import { availableParallelism } from 'node:os'
import { readCgroupLevels, readCgroupV1 } from './cgroup.ts'

/**
 * Cores that this process may use: its CPU affinity, or less where a cgroup quota (a container's CPU limit)
 * allows less; a quota of 2.5 cores counts as 3. At least 1.
 */
export function availableCores(): number {
  const quota = cgroupQuota()
  const cores = availableParallelism()
  return Math.max(1, quota === null ? cores : Math.min(cores, Math.ceil(quota)))
}

/** Cores of the tightest quota on the way from this process's cgroup to the root; null where none is set. */
function cgroupQuota(): number | null {
  const quotas = readCgroupLevels('cpu.max').map(parseQuota)
  // Version 1 of the interface keeps the two figures in two files.
  const quotaUs = readCgroupV1('cpu/cpu.cfs_quota_us')
  const periodUs = readCgroupV1('cpu/cpu.cfs_period_us')
  quotas.push(parseQuota(`${quotaUs.trim()} ${periodUs.trim()}`))
  const tightest = Math.min(...quotas)
  return Number.isFinite(tightest) ? tightest : null
}

/** `QUOTA PERIOD` in microseconds, as in cpu.max, to cores; Infinity where there is no limit. */
export function parseQuota(text: string): number {
  const [quotaUs = Number.NaN, periodUs = Number.NaN] = text.trim().split(/\s+/).map(Number)
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : Infinity
}
