import type { TaskCost } from '../concepts/task-cost.ts'
import type { AttemptView, TaskView } from '../concepts/task-view.ts'
import { formatDuration } from '../report/duration.ts'
import { stageStatistics } from '../report/stage-statistics.ts'
import { renderStageTable } from '../report/stage-table.ts'

/** A task as text for a person; every part of it that has a URL shows it. */
export function renderTask(task: TaskView): string {
  const lines = [
    field('task', task.id),
    field('type', task.type),
    field('user', task.userId),
    field('status', task.status),
    field('attempt', String(task.attempt)),
    field('created', task.createdAt.toISOString()),
  ]
  if (task.completedAt) lines.push(field('ended', task.completedAt.toISOString()))
  if (task.errorCode) lines.push(field('error', `${task.errorCode}: ${task.errorMessage ?? ''}`))
  if (task.cost.calls > 0) lines.push(field('cost', costText(task.cost)))
  for (const { stage, attempt, outcome } of task.stages) {
    if (outcome === 'resumed') lines.push(field('resumed', `${stage}, by attempt ${attempt}`))
  }
  lines.push(...history(task.attempts))
  const { concept } = task
  if (concept) {
    lines.push(field('concept', concept.id))
    if (concept.originalConceptId) lines.push(field('refines', concept.originalConceptId))
    lines.push(field('logo', concept.logoDescription))
    lines.push(field('theme', concept.themeDescription))
    if (concept.refinementPrompt) lines.push(field('prompt', concept.refinementPrompt))
    lines.push(field('image', concept.imageUrl))
    for (const variation of concept.variations) {
      const derived = variation.derived ? ' (derived)' : ''
      lines.push('', `  ${variation.paletteName}${derived}: ${variation.colors.join(' ')}`)
      lines.push(`    ${variation.imageUrl}`)
    }
  }
  const table = task.stages.length > 0 ? `\n${renderStageTable(stageStatistics([task]))}` : ''
  return `${lines.map(printable).join('\n')}\n${table}`
}

function costText({ calls, seconds, retries }: TaskCost): string {
  return `${calls} model ${calls === 1 ? 'call' : 'calls'}, ${seconds.toFixed(1)} s in all, ${retries} of them retries`
}

/** How each attempt ended; nothing where the first one did its work. */
function history(attempts: readonly AttemptView[]): string[] {
  if (attempts.every(({ outcome }) => outcome === 'completed')) return []
  return attempts.map((past) => {
    if (past.outcome === 'reopened') return field('', `to be tried again since ${past.endedAt.toISOString()}`)
    const tookMs = past.startedAt === null ? null : past.endedAt.getTime() - past.startedAt.getTime()
    const took = tookMs === null ? '' : ` after ${formatDuration(tookMs)}`
    const error = past.errorCode === null ? '' : `, ${past.errorCode}: ${past.errorMessage ?? ''}`
    return field('', `${past.attempt}. ${past.outcome}${took} on ${past.worker ?? 'no worker'}${error}`)
  })
}

const LABEL_WIDTH = 9
const field = (label: string, value: string) => `${label.padEnd(LABEL_WIDTH)}${value}`

/** A description comes from a user and must not drive the terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ')
}
