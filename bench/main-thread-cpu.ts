import { mainThreadCpuMs } from '../src/main/tuning/main-thread-time.ts'

/** CPU milliseconds of this process since its start. */
export type CpuTime = {
  readonly mainThreadMs: number
  /** Of all its threads. */
  readonly processMs: number
}

/** Where the system does not tell the main thread's time apart, as beside Linux, it is not a number. */
export function cpuTime(): CpuTime {
  const { user, system } = process.cpuUsage()
  return { mainThreadMs: mainThreadCpuMs() ?? Number.NaN, processMs: (user + system) / 1_000 }
}

export function cpuSince(start: CpuTime): CpuTime {
  const now = cpuTime()
  return {
    mainThreadMs: now.mainThreadMs - start.mainThreadMs,
    processMs: now.processMs - start.processMs,
  }
}
