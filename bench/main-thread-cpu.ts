import { readFileSync } from 'node:fs'

/** CPU milliseconds of this process since its start. */
export type CpuTime = {
  readonly mainThreadMs: number
  /** Of all its threads. */
  readonly processMs: number
}

/** Linux tells the main thread's time apart, in nanoseconds; elsewhere it is not a number. */
export function cpuTime(): CpuTime {
  const { user, system } = process.cpuUsage()
  return { mainThreadMs: mainThreadMs(), processMs: (user + system) / 1_000 }
}

export function cpuSince(start: CpuTime): CpuTime {
  const now = cpuTime()
  return {
    mainThreadMs: now.mainThreadMs - start.mainThreadMs,
    processMs: now.processMs - start.processMs,
  }
}

function mainThreadMs(): number {
  if (process.platform !== 'linux') return Number.NaN
  const [running = ''] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  return Number(running) / 1e6
}
