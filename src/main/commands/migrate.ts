import { Command } from 'commander'
import { loadConfig } from '../config/config.ts'
import { migrate } from '../database/migrations.ts'
import { openEndpoints } from '../endpoints.ts'

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database to the newest schema; safe to run at any time, by any number at once')
    .action(async () => {
      const endpoints = await openEndpoints(loadConfig(process.env), ['postgres'])
      try {
        const ran = await migrate(endpoints.databaseUrl)
        process.stdout.write(
          ran.length === 0 ? 'nothing to do\n' : ran.map((name) => `ran ${name}\n`).join(''),
        )
      } finally {
        await endpoints.stop()
      }
    })
}
