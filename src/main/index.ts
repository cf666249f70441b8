import { readFile } from 'node:fs/promises'
import { Command, CommanderError } from 'commander'
import { cancelCommand } from './commands/cancel.ts'
import { configCommand } from './commands/config.ts'
import { demoCommand } from './commands/demo.ts'
import { CommandError, EXIT } from './commands/exit-codes.ts'
import { migrateCommand } from './commands/migrate.ts'
import { paletteCommand } from './commands/palette.ts'
import { recolourCommand } from './commands/recolour.ts'
import { startCommand } from './commands/start.ts'
import { submitCommand } from './commands/submit.ts'
import { taskCommand } from './commands/task.ts'
import { ConfigError } from './config/config.ts'
import { isUnreachable, UnusableSetting } from './config/unusable-setting.ts'
import { StandInError } from './embedded/stand-in.ts'

/** Runs the command line; the process ends with the exit code once nothing is left to do. */
export async function main(argv: readonly string[]): Promise<void> {
  // Whoever read our output is gone: end as if asked to.
  process.stdout.on('error', () => process.kill(process.pid, 'SIGTERM'))
  const program = new Command('concept-worker')
    .description('Turns Pub/Sub tasks into logo concepts with recoloured variations.')
    .exitOverride()
    .version(await packageVersion())
    .showHelpAfterError('(add --help for the usage)')
    .addHelpText('after', HELP)
  for (const command of [
    startCommand(),
    demoCommand(),
    migrateCommand(),
    configCommand(),
    submitCommand(),
    taskCommand(),
    cancelCommand(),
    recolourCommand(),
    paletteCommand(),
  ]) {
    program.addCommand(inherit(command))
  }
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error)
  }
}

const HELP = `
Begin with "concept-worker demo". Everything is set up through the environment;
"concept-worker config" prints every variable.

Exit codes: 0 success, 1 the work failed, 64 a wrong call, 65 an unusable file,
69 a service that is needed is not there, 78 a wrong environment,
130 interrupted.`

/** Settings of the program that commander does not hand down to commands made elsewhere. */
function inherit(command: Command): Command {
  for (const child of command.commands) inherit(child)
  return command.exitOverride().showHelpAfterError('(add --help for the usage)')
}

/** Writes the error for a person, and answers the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  process.stderr.write(`concept-worker: ${describe(error)}\n`)
  if (error instanceof ConfigError) return EXIT.config
  if (error instanceof CommandError) return error.exitCode
  if (error instanceof UnusableSetting) return error.kind === 'wrong' ? EXIT.config : EXIT.unavailable
  if (error instanceof StandInError || isUnreachable(error)) return EXIT.unavailable
  return EXIT.failed
}

/** A connection that fails on several addresses has its reasons one level down; gRPC lists all its attempts. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return describe(error.errors[0])
  const message = error instanceof Error ? error.message || error.name : String(error)
  if (!isUnreachable(error)) return message
  const firstSentence = message.split(/[.\n]\s/, 1)[0]
  return `a service does not answer (${firstSentence}): check the addresses that "config" shows`
}

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
