import { readFile } from 'node:fs/promises'
import { Command, CommanderError } from 'commander'
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
  for (const command of [
    startCommand(),
    demoCommand(),
    migrateCommand(),
    configCommand(),
    submitCommand(),
    taskCommand(),
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

/** Node's codes of a connection that failed, and gRPC's of a call that did. */
const UNREACHABLE = new Set<unknown>([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  4,
  14,
])

function isUnreachable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && UNREACHABLE.has(error.code)
}

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
