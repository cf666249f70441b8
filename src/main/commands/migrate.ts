import { Command } from 'commander'
import { loadConfig } from '../config/config.ts'
import { prepareDatabase } from '../database/database-access.ts'
import { openEndpoints } from '../endpoints.ts'

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database to the newest schema; safe to run at any time, by any number at once')
    .action(async () => {
      const config = loadConfig(process.env)
      const endpoints = await openEndpoints(config, ['postgres'])
      try {
        const ran = await prepareDatabase(config, endpoints.databaseUrl)
        process.stdout.write(
          ran.length === 0 ? 'nothing to do\n' : ran.map((name) => `ran ${name}\n`).join(''),
        )
      } finally {
        await endpoints.stop()
      }
    })
}
