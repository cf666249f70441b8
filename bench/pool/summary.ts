import { barChart } from '../chart/bar-chart.ts'
import { median } from '../cpu-time.ts'
import type { Run } from './contender-process.ts'
import { poolName } from './contenders.ts'
import type { Measurement } from './measurement.ts'

/** The size that the figures at the top are of. */
const REFERENCE_SIDE_PX = 1024

type Line = Run & { readonly name: string; readonly sidePx: number; readonly threads: number }

type SizeSummary = {
  /** Tasks per second of two threads over those of one. */
  readonly scaling2: number | null
  /** A thread a core over each alternative. */
  readonly vsMainThread: number
  readonly vsPlainPool: number
  readonly vsDefaultLibuv: number
  readonly eventLoopDelayP99Ms: Readonly<Record<string, number>>
}

export type Summary = SizeSummary & {
  readonly sizes: Readonly<Record<string, SizeSummary>>
  readonly contenders: readonly Line[]
}

export function summarise(measurements: readonly Measurement[], cores: number): Summary {
  const sides = [...new Set(measurements.map(({ sidePx }) => sidePx))]
  const sizes = Object.fromEntries(
    sides.map((side) => [
      String(side),
      ofSize(
        measurements.filter(({ sidePx }) => sidePx === side),
        cores,
      ),
    ]),
  )
  const reference = sizes[String(REFERENCE_SIDE_PX)] ?? Object.values(sizes)[0]!
  return { ...reference, sizes, contenders: measurements.map(lineOf) }
}

function lineOf({ contender, sidePx, runs }: Measurement): Line {
  const middle = (pick: (run: Run) => number) => median(runs.map(pick))
  return {
    name: contender.name,
    sidePx,
    threads: contender.threads,
    tasksPerSecond: middle((run) => run.tasksPerSecond),
    cpuMsPerTask: middle((run) => run.cpuMsPerTask),
    coresUsed: middle((run) => run.coresUsed),
    eventLoopDelayP99Ms: middle((run) => run.eventLoopDelayP99Ms),
  }
}

function ofSize(measurements: readonly Measurement[], cores: number): SizeSummary {
  const named = (name: string) => measurements.find(({ contender }) => contender.name === name)
  const ours = (threads: number) => named(poolName(threads))
  // Round by round: a busy minute of the machine meets both sides of the ratio.
  const ratio = (one: Measurement | undefined, other: Measurement | undefined) =>
    median(
      (one?.runs ?? []).map((run, i) => run.tasksPerSecond / (other?.runs[i]?.tasksPerSecond ?? Number.NaN)),
    )
  return {
    scaling2: cores < 2 ? null : ratio(ours(2), ours(1)),
    vsMainThread: ratio(ours(cores), named('sharp on the main thread')),
    vsPlainPool: ratio(ours(cores), named('plain piscina pool')),
    vsDefaultLibuv: ratio(ours(cores), named('pool, default libuv')),
    eventLoopDelayP99Ms: Object.fromEntries(
      measurements.map(lineOf).map(({ name, eventLoopDelayP99Ms }) => [name, eventLoopDelayP99Ms]),
    ),
  }
}

/** A table for a terminal: one line a contender and size, then the ratios. */
export function renderSummary({ contenders, sizes }: Summary): string {
  const number = (value: number | null, digits: number) => (value?.toFixed(digits) ?? '-').padStart(12)
  const lines = contenders.map(
    ({ name, sidePx, tasksPerSecond, cpuMsPerTask, coresUsed, eventLoopDelayP99Ms }) =>
      `${`${sidePx} ${name}`.padEnd(32)}${number(tasksPerSecond, 2)}${number(cpuMsPerTask, 1)}${number(coresUsed, 2)}${number(eventLoopDelayP99Ms, 1)}`,
  )
  const ratios = Object.entries(sizes).map(
    ([side, of]) =>
      `${side} px: 2 threads over 1 ${number(of.scaling2, 2).trim()}; over the main thread ${of.vsMainThread.toFixed(2)}, ` +
      `a plain pool ${of.vsPlainPool.toFixed(2)}, libuv's default threads ${of.vsDefaultLibuv.toFixed(2)}`,
  )
  const header = ['tasks/s', 'CPU ms/task', 'cores used', 'p99 delay']
    .map((name) => name.padStart(12))
    .join('')
  return [''.padEnd(32) + header, ...lines, ...ratios, ''].join('\n')
}

/** Tasks per second of every contender at the reference size. */
export function drawSummary({ contenders }: Summary): string {
  const drawn = contenders.filter(({ sidePx }) => sidePx === REFERENCE_SIDE_PX)
  return barChart({
    title: 'Image work of tasks, by who does it',
    note: `tasks per second at ${REFERENCE_SIDE_PX}x${REFERENCE_SIDE_PX} with seven variations; in brackets the 99th percentile of the event-loop delay`,
    bars: drawn.map(({ name, tasksPerSecond, eventLoopDelayP99Ms }) => ({
      label: `${name} (${eventLoopDelayP99Ms.toFixed(0)} ms)`,
      value: tasksPerSecond,
      stressed: /^pool, \d+ thread/.test(name),
    })),
    format: (value) => value.toFixed(1),
  })
}
