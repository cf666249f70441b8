import { Command } from 'commander'
import type { Pool } from 'pg'
import { loadConfig } from '../config/config.ts'
import { QuarantineArchive } from '../intake/quarantine-archive.ts'
import { namingOldSchema, withExistingDatabase } from './existing-database.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { limitUpTo } from './option-values.ts'
import { messageAsJson, renderMessage, renderMessages } from './quarantine-text.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 10_000
/** Of a bigint. */
const ID = /^[1-9]\d{0,17}$/

export function quarantineCommand(): Command {
  return new Command('quarantine')
    .description('look at the messages that no task could be found for, publish them anew, or discard them')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(replayCommand())
    .addCommand(discardCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('print the messages in quarantine with their reasons, the newest first')
    .option('--limit <count>', `so many at most, 1 to ${MAX_LIMIT}`, limitUpTo(MAX_LIMIT), DEFAULT_LIMIT)
    .option('--json', 'print one JSON array')
    .action(async ({ limit, json }: { limit: number; json?: boolean }) => {
      const messages = await onArchive((archive) => archive.list(limit))
      process.stdout.write(json ? `${JSON.stringify(messages, null, 2)}\n` : renderMessages(messages))
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('print one message with its attributes and its data')
    .argument('<id>', 'what "quarantine list" prints: a whole number')
    .option('--json', 'print one JSON object, with the data as base64')
    .action(async (id: string, { json }: { json?: boolean }) => {
      checkId(id)
      const message = await onArchive((archive) => archive.find(id))
      if (!message) throw new CommandError(`there is no message ${id} in quarantine`, EXIT.failed)
      process.stdout.write(json ? `${messageAsJson(message)}\n` : renderMessage(message))
    })
}

function replayCommand(): Command {
  return new Command('replay')
    .description(
      'publish messages anew, as they were received; they stay in quarantine, marked with the time',
    )
    .argument('[ids...]', 'what "quarantine list" prints: whole numbers')
    .option('--all', 'all that were never replayed')
    .action(async (ids: string[], { all = false }: { all?: boolean }) => {
      if (all === ids.length > 0) throw new CommandError('expected either ids or --all', EXIT.usage)
      for (const id of ids) checkId(id)
      // The Pub/Sub client takes half a second to load; nothing else here needs it.
      const { replayMessages } = await import('./message-replay.ts')
      const config = loadConfig(process.env)
      await withExistingDatabase(config, ['postgres', 'pubsub'], (pool, { pubsubHost }) =>
        namingOldSchema(replayMessages(new QuarantineArchive(pool), config, pubsubHost, all ? null : ids)),
      )
    })
}

function discardCommand(): Command {
  return new Command('discard')
    .description('remove messages from quarantine for good')
    .argument('<ids...>', 'what "quarantine list" prints: whole numbers')
    .action(async (ids: string[]) => {
      for (const id of ids) checkId(id)
      const discarded = new Set(await onArchive((archive) => archive.discard(ids)))
      const count = discarded.size
      if (count > 0) process.stdout.write(`discarded ${count} ${count === 1 ? 'message' : 'messages'}\n`)
      for (const id of new Set(ids)) {
        if (discarded.has(id)) continue
        process.stderr.write(`concept-worker: there is no message ${id} in quarantine\n`)
        process.exitCode = EXIT.failed
      }
    })
}

function onArchive<T>(work: (archive: QuarantineArchive) => Promise<T>): Promise<T> {
  return withExistingDatabase(loadConfig(process.env), ['postgres'], (pool: Pool) =>
    namingOldSchema(work(new QuarantineArchive(pool))),
  )
}

function checkId(id: string): void {
  if (!ID.test(id))
    throw new CommandError('id: expected a whole number, as "quarantine list" prints', EXIT.usage)
}
