import { barChart } from '../chart/bar-chart.ts'
import type { Measurement } from './measurement.ts'
import type { Profile } from './profile.ts'

type Point = {
  readonly threads: number
  readonly processes: number
  readonly tasksPerSecond: number
  /** Part of the threads' time that was spent on jobs. */
  readonly busy: number
  readonly mainThreadCpuMsPerTask: number
  readonly processCpuMsPerTask: number
  /** Part of a core that each main thread used: 1 where they are what limits. */
  readonly mainThreadLoad: number
  readonly eventLoopDelayP99Ms: number
  /** Part of the threads' time that they would spend on jobs if every main thread had a core. */
  readonly projectedBusy: number
  readonly failed: number
}

export type Summary = {
  /** Where a main thread has most to do and a core for it: with the most threads that are of one process by default. */
  readonly mainThreadCpuMsPerTask: number
  readonly imageMsPerTask: number
  /**
   * Part of the threads' time that is spent on jobs, by number of threads, on a machine with enough cores for them and for
   * the main threads. Processes share nothing but their services, so that each is as one alone with as many threads: it is
   * calculated from what a task takes of that one's main thread. `checks` are what it is checked by.
   */
  readonly busyAt: Readonly<Record<string, number>>
  /** The same as it was on this machine. */
  readonly measuredBusyAt: Readonly<Record<string, number>>
  /** Threads that one main thread can keep busy at that price. */
  readonly threadsAtSaturation: number
  readonly points: readonly Point[]
  /** So many times as long as real ones the threads took for `checks`, so that this machine had the cores. */
  readonly stretch: number
  readonly checks: readonly Point[]
  readonly profile: Profile
}

export function summarise(
  measurements: readonly Measurement[],
  checked: readonly Measurement[],
  imageMsPerTask: number,
): Summary {
  const toPoint = (measurement: Measurement) =>
    pointOf(measurement, aloneAs(measurement, measurements), imageMsPerTask)
  const points = measurements.map(toPoint)
  const byThreads = (value: (point: Point) => number) =>
    Object.fromEntries(points.map((point) => [String(point.threads), value(point)]))
  const ofOneProcess = points.findLast(({ processes }) => processes === 1) ?? points[0]
  const mainThreadCpuMsPerTask = ofOneProcess?.mainThreadCpuMsPerTask ?? Number.NaN
  return {
    mainThreadCpuMsPerTask,
    imageMsPerTask,
    busyAt: byThreads(({ projectedBusy }) => projectedBusy),
    measuredBusyAt: byThreads(({ busy }) => busy),
    threadsAtSaturation: Math.floor(imageMsPerTask / mainThreadCpuMsPerTask),
    points,
    stretch: checked[0]?.stretch ?? 1,
    checks: checked.map(toPoint),
    profile: measurements.find(({ profile }) => profile.length > 0)?.profile ?? [],
  }
}

/** One process alone with as many threads as each of several has; these themselves where there is none. */
function aloneAs(several: Measurement, measurements: readonly Measurement[]): Measurement {
  const threads = several.threads / several.processes
  return measurements.find((each) => each.processes === 1 && each.threads === threads) ?? several
}

function pointOf(measurement: Measurement, alone: Measurement, imageMsPerTask: number): Point {
  const { threads, processes, stretch, tasks, durationMs, mainThreadCpuMs, processCpuMs } = measurement
  const threadMs = tasks * stretch * imageMsPerTask
  return {
    threads,
    processes,
    tasksPerSecond: (tasks * 1_000) / durationMs,
    busy: threadMs / (threads * durationMs),
    projectedBusy: Math.min(
      1,
      (processes * stretch * imageMsPerTask * alone.tasks) / (threads * alone.mainThreadCpuMs),
    ),
    mainThreadCpuMsPerTask: mainThreadCpuMs / tasks,
    processCpuMsPerTask: processCpuMs / tasks,
    mainThreadLoad: mainThreadCpuMs / (processes * durationMs),
    eventLoopDelayP99Ms: measurement.eventLoopDelayP99Ms,
    failed: measurement.failed,
  }
}

const AIM_MS = 3

/**
 * What a task takes of the main thread, by the number of threads, as far as each main thread has one of the machine's cores:
 * more than that starve, and what they take says more of the machine.
 */
export function drawSummary({ points, imageMsPerTask }: Summary, cores: number): string {
  const threadsWithin = Math.floor(imageMsPerTask / AIM_MS)
  const drawn = points.filter(({ processes }) => processes <= cores)
  return barChart({
    title: 'CPU time of the main thread for a generation task',
    note: `ms a task with so many hollow threads; with ${AIM_MS} ms one main thread would keep ${threadsWithin} threads busy`,
    bars: (drawn.length > 0 ? drawn : points).map(({ threads, mainThreadCpuMsPerTask }) => ({
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
  const rowOf = (point: Point) =>
    cells([
      String(point.threads),
      String(point.processes),
      point.tasksPerSecond.toFixed(1),
      percent(point.busy),
      percent(point.projectedBusy),
      point.mainThreadCpuMsPerTask.toFixed(2),
      point.processCpuMsPerTask.toFixed(2),
      percent(point.mainThreadLoad),
      point.eventLoopDelayP99Ms.toFixed(1),
    ])
  const profile = summary.profile.map(({ where, share }) => `${percent(share).padStart(14)}  ${where}`)
  return [
    `hollow threads take ${summary.imageMsPerTask.toFixed(1)} ms a task; one main thread keeps ${summary.threadsAtSaturation} busy`,
    cells([
      'threads',
      'processes',
      'tasks/s',
      'busy',
      'projected',
      'main CPU ms',
      'all CPU ms',
      'main load',
      'delay p99 ms',
    ]),
    ...summary.points.map(rowOf),
    ...(summary.checks.length > 0
      ? [`threads that take ${summary.stretch} times as long:`, ...summary.checks.map(rowOf)]
      : []),
    ...(profile.length > 0 ? ["the main thread's time:", ...profile] : []),
    '',
  ].join('\n')
}
