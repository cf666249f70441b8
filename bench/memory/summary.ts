import { lineChart } from '../chart/line-chart.ts'
import type { Memory } from './tasks-process.ts'

/** Resident memory of a process that has had so many tasks of that size at once. */
export type Point = {
  readonly sidePx: number
  readonly tasks: number
  readonly peakMib: number
  readonly idleMib: number
}

export type AllocatorSummary = {
  readonly name: string
  readonly slopeMiBPerThousandTasks: number
  readonly points: readonly Point[]
  readonly soak: Memory
}

export type Summary = {
  /** With the system's allocator as it comes. */
  readonly slopeMiBPerThousandTasks: number
  readonly soakTasks: number
  readonly allocators: readonly AllocatorSummary[]
}

/** A table for a terminal: one line an image size and number of tasks, then the soak; peak and idle by allocator. */
export function renderSummary({ allocators, soakTasks }: Summary): string {
  const cell = (peakMib: number, idleMib: number) =>
    `${peakMib.toFixed(0)} / ${idleMib.toFixed(0)}`.padStart(20)
  const header = ['MiB: peak / idle'.padEnd(22), ...allocators.map(({ name }) => name.padStart(20))].join('')
  const rows = (allocators[0]?.points ?? []).map(({ sidePx, tasks }, i) =>
    [
      `${sidePx} px, ${tasks} at once`.padEnd(22),
      ...allocators.map(({ points }) => cell(points[i]?.peakMib ?? 0, points[i]?.idleMib ?? 0)),
    ].join(''),
  )
  const soak = allocators.map(({ soak: { peakMib, idleMib } }) => cell(peakMib, idleMib)).join('')
  const slopes = allocators.map(({ slopeMiBPerThousandTasks }) =>
    slopeMiBPerThousandTasks.toFixed(1).padStart(20),
  )
  return [
    header,
    ...rows,
    `soak, ${soakTasks} tasks`.padEnd(22) + soak,
    'MiB / thousand tasks'.padEnd(22) + slopes.join(''),
    '',
  ].join('\n')
}

/** Resident memory over the tasks of the soak, a line for each allocator. */
export function drawSummary({ allocators, soakTasks }: Summary): string {
  return lineChart({
    title: 'Resident memory over many tasks',
    note: `image work alone, ${soakTasks} tasks of 512 to 2048 px, four at once a thread`,
    xLabel: 'tasks done',
    lines: allocators.map(({ name, soak }) => ({
      label: name,
      points: soak.steps.map(({ tasks, mib }) => ({ x: tasks, y: mib })),
    })),
    format: (mib) => `${Math.round(mib)} MiB`,
  })
}
