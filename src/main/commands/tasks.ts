import { Command, Option } from 'commander'
import { FAILURE_CATEGORIES, type FailureCategory } from '../../processors/failure.ts'
import { TASK_TYPES, type TaskType } from '../../processors/task.ts'
import { loadConfig } from '../config/config.ts'
import { formatDuration } from '../report/duration.ts'
import {
  findTasks,
  MAX_LOOKED_AT,
  TASK_STATUSES,
  type ListedTask,
  type TaskStatus,
} from '../tasks/task-list.ts'
import { namingOldSchema, withExistingDatabase } from './existing-database.ts'
import { limitUpTo, listOf } from './option-values.ts'
import { renderTable } from './text-table.ts'

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 1_000

type Options = {
  readonly status?: readonly TaskStatus[]
  readonly errorCode?: FailureCategory
  readonly type?: TaskType
  readonly limit: number
  readonly json?: boolean
}

export function tasksCommand(): Command {
  return new Command('tasks')
    .description('print tasks, the one that changed last first, and nothing of what their users asked for')
    .option(
      '--status <states>',
      `only those that are ${TASK_STATUSES.join(', ')}; several with commas`,
      listOf(TASK_STATUSES),
    )
    .addOption(
      new Option('--error-code <code>', 'only those whose last error was this').choices(FAILURE_CATEGORIES),
    )
    .addOption(new Option('--type <type>', 'only those of this type').choices(TASK_TYPES))
    .option('--limit <count>', `so many at most, 1 to ${MAX_LIMIT}`, limitUpTo(MAX_LIMIT), DEFAULT_LIMIT)
    .option('--json', 'print one JSON array')
    .action(listTasks)
}

async function listTasks({ status, errorCode, type, limit, json }: Options): Promise<void> {
  const search = {
    statuses: status ?? TASK_STATUSES,
    errorCode: errorCode ?? null,
    type: type ?? null,
    changedWithinMs: null,
    // One more than is shown tells whether there are more.
    limit: limit + 1,
  }
  const { tasks: found, isCut } = await withExistingDatabase(loadConfig(process.env), ['postgres'], (pool) =>
    namingOldSchema(findTasks(pool, search)),
  )
  const tasks = found.slice(0, limit)
  process.stdout.write(json ? `${JSON.stringify(tasks, null, 2)}\n` : renderTasks(tasks))
  if (found.length > limit) {
    process.stderr.write(
      `concept-worker: there are more than ${limit}: --limit shows up to ${MAX_LIMIT}, and --status, ` +
        '--error-code and --type a part of them\n',
    )
  } else if (isCut) {
    process.stderr.write(
      `concept-worker: there may be more: of each status the last ${MAX_LOOKED_AT} at most are looked at\n`,
    )
  }
}

const HEADING = ['id', 'type', 'status', 'attempt', 'error', 'age', 'changed', 'worker']

function renderTasks(tasks: readonly ListedTask[]): string {
  if (tasks.length === 0) return 'no such tasks\n'
  const nowMs = Date.now()
  // Another machine's clock may be ahead of ours.
  const since = (date: Date) => formatDuration(Math.max(0, nowMs - date.getTime()))
  const rows = tasks.map((task) => [
    task.id,
    task.type,
    task.status,
    String(task.attempt),
    task.errorCode ?? '',
    since(task.createdAt),
    `${since(task.updatedAt)} ago`,
    task.worker ?? '',
  ])
  return renderTable([HEADING, ...rows])
}
