import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { readTaskView } from '../concepts/task-view.ts'
import { loadConfig, type Config } from '../config/config.ts'
import { checkDatabase } from '../database/database-access.ts'
import { createDatabasePool } from '../database/pool.ts'
import { openEndpoints } from '../endpoints.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { renderTask } from './task-text.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function taskCommand(): Command {
  return new Command('task')
    .description('print a task: its state, result, stages, concept and variations')
    .argument('<id>', 'what "submit" printed: a UUID')
    .option('--json', 'print one JSON object')
    .action(showTask)
}

async function showTask(id: string, options: { json?: boolean }): Promise<void> {
  if (!UUID.test(id)) throw new CommandError('id: expected a UUID', EXIT.usage)
  const config = loadConfig(process.env)
  await checkDataFolder(config)
  await checkDatabase(config)
  const endpoints = await openEndpoints(config, ['postgres'])
  try {
    const pool = createDatabasePool(endpoints.databaseUrl, () => undefined)
    try {
      const task = await readTaskView(pool, id).catch(noTables)
      if (!task) throw new CommandError(`there is no task ${id}`, EXIT.failed)
      process.stdout.write(options.json ? `${JSON.stringify(task, null, 2)}\n` : renderTask(task))
    } finally {
      await pool.end()
    }
  } finally {
    await endpoints.stop()
  }
}

/** To look for a task is no reason to make a database. */
async function checkDataFolder({ database, dataDir }: Config): Promise<void> {
  if (database.url !== null) return
  await access(join(dataDir, 'postgres')).catch((error: unknown) => {
    throw new CommandError(
      `no worker with an embedded database has run on ${dataDir}: go to the folder where one has, or set DATA_DIR ` +
        'or DATABASE_URL',
      EXIT.unavailable,
      { cause: error },
    )
  })
}

const UNDEFINED_TABLE = '42P01'

/** A database that no worker ever used holds no task. */
function noTables(error: Error & { code?: string }): null {
  if (error.code === UNDEFINED_TABLE) return null
  throw error
}
