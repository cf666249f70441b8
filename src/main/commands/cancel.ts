import { Command } from 'commander'
import { loadConfig } from '../config/config.ts'
import { cancelTask, type StateBefore } from '../tasks/cancellation.ts'
import { withExistingDatabase } from './existing-database.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { noTables, UUID } from './task.ts'

export function cancelCommand(): Command {
  return new Command('cancel')
    .description('cancel a task that waits or runs; a worker that runs it stops within two seconds')
    .argument('<id>', 'what "submit" printed: a UUID')
    .action(cancel)
}

async function cancel(id: string): Promise<void> {
  if (!UUID.test(id)) throw new CommandError('id: expected a UUID', EXIT.usage)
  await withExistingDatabase(loadConfig(process.env), ['postgres'], async (pool) => {
    const before = await cancelTask(pool, id).catch(noTables)
    process.stdout.write(`task ${id} ${answerTo(before ?? 'missing', id)}\n`)
  })
}

function answerTo(before: StateBefore, id: string): string {
  switch (before) {
    case 'pending':
      return 'is cancelled; it was waiting'
    case 'processing':
      return 'is cancelled; the worker that runs it will stop'
    case 'cancelled':
      return 'was cancelled already'
    case 'completed':
    case 'failed':
      throw new CommandError(`task ${id} has ${before} already: there is nothing to cancel`, EXIT.failed)
    case 'missing':
      throw new CommandError(`there is no task ${id}`, EXIT.failed)
  }
}
