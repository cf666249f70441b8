import { Command } from 'commander'
import { readTaskView } from '../concepts/task-view.ts'
import { loadConfig } from '../config/config.ts'
import { withExistingDatabase } from './existing-database.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { renderTask } from './task-text.ts'

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function taskCommand(): Command {
  return new Command('task')
    .description('print a task: its state, result, stages, concept and variations')
    .argument('<id>', 'what "submit" printed: a UUID')
    .option('--json', 'print one JSON object')
    .action(showTask)
}

async function showTask(id: string, options: { json?: boolean }): Promise<void> {
  if (!UUID.test(id)) throw new CommandError('id: expected a UUID', EXIT.usage)
  await withExistingDatabase(loadConfig(process.env), ['postgres'], async (pool) => {
    const task = await readTaskView(pool, id).catch(noTables)
    if (!task) throw new CommandError(`there is no task ${id}`, EXIT.failed)
    process.stdout.write(options.json ? `${JSON.stringify(task, null, 2)}\n` : renderTask(task))
  })
}

const UNDEFINED_TABLE = '42P01'

/** A database that no worker ever used holds no task. */
export function noTables(error: Error & { code?: string }): null {
  if (error.code === UNDEFINED_TABLE) return null
  throw error
}
