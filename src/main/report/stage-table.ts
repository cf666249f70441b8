import type { StageStatistics } from './stage-statistics.ts'

const MAX_WIDTH = 80
const GAP = '  '
const STEP_INDENT = '  '

/** The stage that stores the timings, its own among them. */
const STORING_STAGE = 'store_concept'
const STORING_NOTE = `${STORING_STAGE} counts up to its transaction, which stores these times.`

/** A stage, or a step with the stage's name left off where it stands beneath its stage. */
export type StageLabel = { readonly text: string; readonly isStep: boolean }

/**
 * The statistics as plain text for a terminal: aligned, at most 80 columns, the last line ended, and
 * what is to be known of them beneath. Without statistics it is empty.
 */
export function renderStageTable(statistics: readonly StageStatistics[]): string {
  if (statistics.length === 0) return ''
  const numbers = [
    ['count', 'p50', 'p95', 'waited p50', 'ran p50'],
    ...statistics.map(({ count, p50Ms, p95Ms, waitP50Ms, runP50Ms }) => [
      String(count),
      ...[p50Ms, p95Ms, waitP50Ms, runP50Ms].map((ms) => ms.toFixed(1)),
    ]),
  ]
  const widths = numbers[0]!.map((_, column) => Math.max(...numbers.map((row) => row[column]!.length)))
  const cells = numbers.map((row) => row.map((cell, column) => GAP + cell.padStart(widths[column]!)).join(''))
  const labels = ['times in ms', ...labelsOf(statistics).map((label) => indented(label))]
  const room = Math.max(1, MAX_WIDTH - cells[0]!.length)
  const labelWidth = Math.min(room, Math.max(...labels.map((label) => label.length)))
  const [header, ...rows] = labels.map((label, row) => fitted(label, labelWidth) + cells[row]!)
  return `${[header!, '─'.repeat(header!.length), ...rows, ...notesOn(statistics)].join('\n')}\n`
}

/** What is to be known of the times. */
export function notesOn(statistics: readonly StageStatistics[]): string[] {
  return statistics.some(({ name }) => name === STORING_STAGE) ? [STORING_NOTE] : []
}

/** What each line of a table of the statistics is called. */
export function labelsOf(statistics: readonly StageStatistics[]): StageLabel[] {
  const stages = new Set(statistics.map(({ name }) => name))
  return statistics.map(({ name }) => {
    const dot = name.indexOf('.')
    const isStep = dot > 0 && stages.has(name.slice(0, dot))
    return { text: isStep ? name.slice(dot + 1) : name, isStep }
  })
}

function indented({ text, isStep }: StageLabel): string {
  return isStep ? STEP_INDENT + text : text
}

function fitted(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}
