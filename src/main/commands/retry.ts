import { Command, Option } from 'commander'
import type { Pool } from 'pg'
import { FAILURE_CATEGORIES, type FailureCategory } from '../../processors/failure.ts'
import { loadConfig } from '../config/config.ts'
import { reopenTask, type Reopening } from '../tasks/reopening.ts'
import { findTasks, MAX_LOOKED_AT } from '../tasks/task-list.ts'
import { namingOldSchema, withExistingDatabase } from './existing-database.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { limitUpTo, timeSpan } from './option-values.ts'
import { UUID } from './task.ts'

const DEFAULT_LIMIT = 100

type Options = { readonly errorCode?: FailureCategory; readonly since?: number; readonly limit?: number }

export function retryCommand(): Command {
  return new Command('retry')
    .description('have failed tasks tried again, with all their attempts; a worker that runs finds them')
    .usage('<ids...> | --error-code <code> [options]')
    .argument('[ids...]', 'failed or cancelled tasks: UUIDs, as "tasks" prints')
    .addOption(
      new Option('--error-code <code>', 'those that failed with this, the latest first').choices(
        FAILURE_CATEGORIES,
      ),
    )
    .option('--since <time>', 'of those, the ones that failed within this time: 90m, 2h, 7d', timeSpan)
    .option(
      '--limit <count>',
      `of those, so many at most, 1 to ${MAX_LOOKED_AT} (default: ${DEFAULT_LIMIT})`,
      limitUpTo(MAX_LOOKED_AT),
    )
    .action(retry)
}

async function retry(ids: string[], options: Options): Promise<void> {
  const { errorCode } = options
  if ((errorCode === undefined) !== ids.length > 0) {
    throw new CommandError('expected either ids or --error-code', EXIT.usage)
  }
  if (ids.length > 0 && (options.since ?? options.limit) !== undefined) {
    throw new CommandError('expected --since and --limit beside --error-code only', EXIT.usage)
  }
  for (const id of ids) if (!UUID.test(id)) throw new CommandError(`${id}: expected a UUID`, EXIT.usage)
  await withExistingDatabase(loadConfig(process.env), ['postgres'], (pool) =>
    namingOldSchema(
      errorCode === undefined ? retryAll(pool, ids, true) : retryFailures(pool, errorCode, options),
    ),
  )
}

async function retryFailures(pool: Pool, errorCode: FailureCategory, options: Options): Promise<void> {
  const { since: changedWithinMs = null, limit = DEFAULT_LIMIT } = options
  const search = { statuses: ['failed'], errorCode, type: null, changedWithinMs, limit } as const
  const { tasks, isCut } = await findTasks(pool, search)
  if (tasks.length === 0) process.stdout.write(`no failed task has the error code ${errorCode}\n`)
  // Who failed first has waited longest.
  await retryAll(pool, tasks.map(({ id }) => id).toReversed(), false)
  if (tasks.length === limit) {
    process.stderr.write('concept-worker: there may be more of them; run the command again for these\n')
  } else if (isCut) {
    process.stderr.write(
      `concept-worker: there may be more of them: the last ${MAX_LOOKED_AT} failed tasks were looked at\n`,
    )
  }
}

/** Prints one line for each. One that is not retried keeps no other from it, and makes the exit code 1. */
async function retryAll(pool: Pool, ids: readonly string[], evenCancelled: boolean): Promise<void> {
  for (const id of ids) {
    // One after the other: each is a statement with its own lock, and none holds up a worker for longer.
    const end = await reopenTask(pool, id, evenCancelled)
    if (end === 'reopened') process.stdout.write(`task ${id} will be tried again\n`)
    else {
      process.stderr.write(`concept-worker: task ${id} was not retried: ${REASONS[end]}\n`)
      process.exitCode = EXIT.failed
    }
  }
}

const REASONS: Readonly<Record<Exclude<Reopening, 'reopened'>, string>> = {
  missing: 'there is no such task',
  busy: 'somebody else works on it at this moment; try again',
  unasked: 'what was asked for is not kept any more; its user has to ask anew',
  pending: 'it has not failed, it is pending',
  processing: 'it has not failed, it is processing',
  completed: 'it is completed and has its concept',
  cancelled: 'it is cancelled; name it by its id to have it tried again',
}
