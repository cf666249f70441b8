import { barChart } from '../chart/bar-chart.ts'
import type { PipelineFigures } from './pipeline-run.ts'

/** By latency in milliseconds; at the top level those of the first one. */
export type PipelineSummary = PipelineFigures & {
  readonly sidePx: number
  readonly latencies: Readonly<Record<string, PipelineFigures>>
}

const REACH = 0.92

export function summarise(figures: readonly PipelineFigures[], sidePx: number): PipelineSummary {
  const [first] = figures
  if (!first) throw new Error('expected at least one latency')
  const latencies = Object.fromEntries(figures.map((each) => [String(each.latencyMs), each]))
  return { ...first, sidePx, latencies }
}

/** A table for a terminal: one line a latency. */
export function renderSummary({ latencies, sidePx }: PipelineSummary): string {
  const columns: readonly [string, (figures: PipelineFigures) => string][] = [
    ['latency ms', ({ latencyMs }) => String(latencyMs)],
    ['tasks/s', ({ tasksPerSecond }) => tasksPerSecond.toFixed(2)],
    ['pool busy', ({ poolBusy }) => `${(poolBusy * 100).toFixed(1)} %`],
    ['of ideal', ({ vsIdeal }) => vsIdeal.toFixed(2)],
    ['loop p99 ms', ({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms.toFixed(1)],
    ['image CPU ms', ({ imageCpuMsPerTask }) => imageCpuMsPerTask.toFixed(0)],
    ['main CPU ms', ({ mainThreadCpuMsPerTask }) => mainThreadCpuMsPerTask.toFixed(1)],
    ['in hand', ({ inHand }) => inHand.join(' - ')],
  ]
  const rows = Object.values(latencies)
    .toSorted((a, b) => a.latencyMs - b.latencyMs)
    .map((figures) => columns.map(([, show]) => show(figures).padStart(14)).join(''))
  const header = columns.map(([name]) => name.padStart(14)).join('')
  return [`Generation tasks with pictures of ${sidePx} px`, header, ...rows, ''].join('\n')
}

export function drawSummary({ latencies, sidePx }: PipelineSummary): string {
  return barChart({
    title: 'Image threads at work while tasks wait',
    note: `whole generation tasks of ${sidePx} px through broker, Postgres, models, threads and storage`,
    bars: Object.values(latencies).map(({ latencyMs, poolBusy }) => ({
      label: `models take ${latencyMs / 1_000} s`,
      value: poolBusy,
      stressed: true,
    })),
    format: (value) => `${(value * 100).toFixed(1)} %`,
    max: 1,
    mark: { value: REACH, label: '92 % is the aim' },
  })
}
