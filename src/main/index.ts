import { Command, CommanderError } from 'commander'
import { CommandError, EXIT } from './commands/exit-codes.ts'
import { ConfigError } from './config/config-error.ts'
import { isUnreachable, UnusableSetting } from './config/unusable-setting.ts'
import { StandInError } from './embedded/stand-in.ts'
import { packageVersion } from './package-version.ts'
import { limitReached } from './process-limits.ts'

/** In the order of the help. Each loads what it needs, which takes longer than most of them run. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['start', async () => (await import('./commands/start.ts')).startCommand()],
  ['demo', async () => (await import('./commands/demo.ts')).demoCommand()],
  ['migrate', async () => (await import('./commands/migrate.ts')).migrateCommand()],
  ['tune', async () => (await import('./commands/tune.ts')).tuneCommand()],
  ['config', async () => (await import('./commands/config.ts')).configCommand()],
  ['submit', async () => (await import('./commands/submit.ts')).submitCommand()],
  ['task', async () => (await import('./commands/task.ts')).taskCommand()],
  ['tasks', async () => (await import('./commands/tasks.ts')).tasksCommand()],
  ['cancel', async () => (await import('./commands/cancel.ts')).cancelCommand()],
  ['retry', async () => (await import('./commands/retry.ts')).retryCommand()],
  ['quarantine', async () => (await import('./commands/quarantine.ts')).quarantineCommand()],
  ['recolour', async () => (await import('./commands/recolour.ts')).recolourCommand()],
  ['palette', async () => (await import('./commands/palette.ts')).paletteCommand()],
])

/** Runs the command line; the process ends with the exit code once nothing is left to do. */
export async function main(argv: readonly string[]): Promise<void> {
  // Whoever read our output is gone. What runs until it is stopped, stops; all else does its work to the end.
  process.stdout.on('error', () => {
    if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM')
  })
  const program = new Command('concept-worker')
    .description('Turns Pub/Sub tasks into logo concepts with recoloured variations.')
    .exitOverride()
    .version(await packageVersion())
    .showHelpAfterError('(add --help for the usage)')
    .addHelpText('after', HELP)
  for (const command of await commandsFor(argv[2])) program.addCommand(inherit(command))
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = report(limitReached(error) ?? error)
  }
}

const HELP = `
Begin with "concept-worker demo". Everything is set up through the environment;
"concept-worker config" prints every variable.

Exit codes: 0 success, 1 the work failed, 64 a wrong call, 65 an unusable file,
69 a service that is needed is not there, 78 a wrong environment,
130 interrupted.`

/** The command of that name alone, or all of them: for the help, or to say that there is no such command. */
function commandsFor(name = ''): Promise<Command[]> {
  const named = COMMANDS.get(name)
  return Promise.all((named ? [named] : [...COMMANDS.values()]).map((load) => load()))
}

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
