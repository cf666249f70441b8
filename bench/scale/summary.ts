import { barChart } from '../chart/bar-chart.ts'
import type { Measurement } from './measurement.ts'
import type { Profile } from './profile.ts'

type Point = {
  readonly threads: number
  readonly tasksPerSecond: number
  /** Part of the threads' time that was spent on jobs. */
  readonly busy: number
  readonly mainThreadCpuMsPerTask: number
  readonly processCpuMsPerTask: number
  /** Part of a core that the main thread used: 1 where it is what limits. */
  readonly mainThreadLoad: number
  readonly eventLoopDelayP99Ms: number
  readonly failed: number
}

export type Summary = {
  /** Where the main thread is warm and has most to do: with the most threads. */
  readonly mainThreadCpuMsPerTask: number
  readonly imageMsPerTask: number
  /** Part of the threads' time that was spent on jobs, by number of threads, as it was on this machine. */
  readonly busyAt: Readonly<Record<string, number>>
  /** The same where the main thread has a core to itself and nothing else is short: calculated from its CPU time. */
  readonly projectedBusyAt: Readonly<Record<string, number>>
  /** Threads that one main thread can keep busy, calculated in the same way. */
  readonly threadsAtSaturation: number
  readonly points: readonly Point[]
  readonly profile: Profile
}

export function summarise(measurements: readonly Measurement[], imageMsPerTask: number): Summary {
  const points = measurements.map((measurement) => pointOf(measurement, imageMsPerTask))
  const byThreads = (value: (point: Point) => number) =>
    Object.fromEntries(points.map((point) => [String(point.threads), value(point)]))
  const mainThreadCpuMsPerTask = points.at(-1)?.mainThreadCpuMsPerTask ?? Number.NaN
  return {
    mainThreadCpuMsPerTask,
    imageMsPerTask,
    busyAt: byThreads(({ busy }) => busy),
    projectedBusyAt: byThreads((point) =>
      Math.min(1, imageMsPerTask / (point.threads * point.mainThreadCpuMsPerTask)),
    ),
    threadsAtSaturation: Math.floor(imageMsPerTask / mainThreadCpuMsPerTask),
    points,
    profile: measurements.find(({ profile }) => profile.length > 0)?.profile ?? [],
  }
}

function pointOf(measurement: Measurement, imageMsPerTask: number): Point {
  const { threads, tasks, durationMs, mainThreadCpuMs, processCpuMs } = measurement
  return {
    threads,
    tasksPerSecond: (tasks * 1_000) / durationMs,
    busy: (tasks * imageMsPerTask) / (threads * durationMs),
    mainThreadCpuMsPerTask: mainThreadCpuMs / tasks,
    processCpuMsPerTask: processCpuMs / tasks,
    mainThreadLoad: mainThreadCpuMs / durationMs,
    eventLoopDelayP99Ms: measurement.eventLoopDelayP99Ms,
    failed: measurement.failed,
  }
}

const AIM_MS = 3

/** What a task takes of the main thread, by the number of threads. */
export function drawSummary({ points, imageMsPerTask }: Summary): string {
  const threadsWithin = Math.floor(imageMsPerTask / AIM_MS)
  return barChart({
    title: 'CPU time of the main thread for a generation task',
    note: `ms a task with so many hollow threads; with ${AIM_MS} ms one main thread would keep ${threadsWithin} threads busy`,
    bars: points.map(({ threads, mainThreadCpuMsPerTask }) => ({
      label: `${threads} threads`,
      value: mainThreadCpuMsPerTask,
      stressed: true,
    })),
    format: (value) => `${value.toFixed(1)} ms`,
    mark: { value: AIM_MS, label: `${AIM_MS} ms is the aim` },
  })
}

/** A table for a terminal: one line a number of threads, then where the main thread's time goes. */
export function renderSummary(summary: Summary): string {
  const cells = (values: readonly string[]) => values.map((value) => value.padStart(14)).join('')
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`
  const rows = summary.points.map((point) =>
    cells([
      String(point.threads),
      point.tasksPerSecond.toFixed(1),
      percent(point.busy),
      percent(summary.projectedBusyAt[point.threads] ?? Number.NaN),
      point.mainThreadCpuMsPerTask.toFixed(2),
      point.processCpuMsPerTask.toFixed(2),
      percent(point.mainThreadLoad),
      point.eventLoopDelayP99Ms.toFixed(1),
    ]),
  )
  const profile = summary.profile.map(({ where, share }) => `${percent(share).padStart(14)}  ${where}`)
  return [
    `hollow threads take ${summary.imageMsPerTask.toFixed(1)} ms a task; one main thread keeps ${summary.threadsAtSaturation} busy`,
    cells([
      'threads',
      'tasks/s',
      'busy',
      'projected',
      'main CPU ms',
      'all CPU ms',
      'main load',
      'delay p99 ms',
    ]),
    ...rows,
    ...(profile.length > 0 ? ["the main thread's time:", ...profile] : []),
    '',
  ].join('\n')
}
