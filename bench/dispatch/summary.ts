import { barChart } from '../chart/bar-chart.ts'
import { median } from '../cpu-time.ts'
import type { SubjectRun } from './comparison.ts'
import { LABELS, SUBJECTS, type SubjectName } from './subject.ts'

type Figures = {
  readonly tasksPerSecond: number
  readonly mainThreadCpuUsPerTask: number
  /** Over all threads of its process; Postgres and the broker are not in it. */
  readonly processCpuUsPerTask: number
}

/** Medians of the rounds. */
export type DispatchSummary = {
  readonly tasks: number
  readonly rounds: number
  readonly maxInFlight: number
  readonly hasFolders: boolean
  readonly tasksPerSecond: Readonly<Record<SubjectName, number>>
  /** Ours. */
  readonly mainThreadCpuUsPerTask: number
  /** What the worker adds to the statements of a task that comes alone, from its message's arrival to its end. */
  readonly loneTaskAddedMs: number
  readonly loneTaskPublishToEndMs: number
  readonly loneTaskStatementsMs: number
  readonly ratios: {
    readonly toGraphileDefaults: number
    readonly toGraphileBest: number
    readonly toPgBossBatch100: number
  }
  readonly subjects: Readonly<Record<SubjectName, Figures>>
}

export function summarise(
  runs: readonly SubjectRun[],
  { tasks, maxInFlight, hasFolders }: Pick<DispatchSummary, 'tasks' | 'maxInFlight' | 'hasFolders'>,
): DispatchSummary {
  const subjects = each((name) => {
    const own = runs.filter((run) => run.name === name)
    return {
      tasksPerSecond: median(own.map(({ elapsedMs }) => (tasks / elapsedMs) * 1_000)),
      mainThreadCpuUsPerTask: median(own.map(({ cpu }) => (cpu.mainThreadMs / tasks) * 1_000)),
      processCpuUsPerTask: median(own.map(({ cpu }) => (cpu.processMs / tasks) * 1_000)),
    }
  })
  const tasksPerSecond = each((name) => subjects[name].tasksPerSecond)
  const lone = runs.flatMap((run) => run.lone)
  const { ours } = tasksPerSecond
  return {
    tasks,
    rounds: runs.filter(({ name }) => name === 'ours').length,
    maxInFlight,
    hasFolders,
    tasksPerSecond,
    mainThreadCpuUsPerTask: subjects.ours.mainThreadCpuUsPerTask,
    loneTaskAddedMs: median(lone.map(({ arrivalToEndMs, statementsMs }) => arrivalToEndMs - statementsMs)),
    loneTaskPublishToEndMs: median(lone.map(({ publishToEndMs }) => publishToEndMs)),
    loneTaskStatementsMs: median(lone.map(({ statementsMs }) => statementsMs)),
    ratios: {
      toGraphileDefaults: ours / tasksPerSecond.graphileDefaults,
      toGraphileBest: ours / tasksPerSecond.graphileBest,
      toPgBossBatch100: ours / tasksPerSecond.pgBossBatch100,
    },
    subjects,
  }
}

function each<T>(value: (name: SubjectName) => T): Record<SubjectName, T> {
  return Object.fromEntries(SUBJECTS.map((name) => [name, value(name)])) as Record<SubjectName, T>
}

/** A table for a terminal. */
export function renderSummary(summary: DispatchSummary): string {
  const { subjects, tasksPerSecond } = summary
  const cell = (text: string) => text.padStart(16)
  const rows = SUBJECTS.map((name) => {
    const { tasksPerSecond: perSecond, mainThreadCpuUsPerTask, processCpuUsPerTask } = subjects[name]
    return [
      LABELS[name].padEnd(32),
      cell(Math.round(perSecond).toString()),
      cell((perSecond / tasksPerSecond.graphileDefaults).toFixed(2)),
      cell(mainThreadCpuUsPerTask.toFixed(1)),
      cell(processCpuUsPerTask.toFixed(1)),
    ].join('')
  })
  const header = ['tasks/s', 'x defaults', 'main thread us', 'process us'].map(cell).join('')
  return [
    `${''.padEnd(32)}${header}`,
    ...rows,
    '',
    `A lone task: ${summary.loneTaskPublishToEndMs.toFixed(1)} ms from publishing to its end, of which statements ` +
      `${summary.loneTaskStatementsMs.toFixed(1)} ms; the worker adds ${summary.loneTaskAddedMs.toFixed(2)} ms`,
    '',
  ].join('\n')
}

export function drawSummary({ tasksPerSecond, tasks }: DispatchSummary): string {
  return barChart({
    title: 'Tasks without work, from queue to durable end',
    note: `tasks per second of one process, ${tasks} tasks, the same Postgres with fsync on; concept-worker through a broker`,
    bars: SUBJECTS.map((name) => ({
      label: LABELS[name],
      value: tasksPerSecond[name],
      stressed: name === 'ours',
    })),
    format: (value) => Math.round(value).toLocaleString('en'),
  })
}
