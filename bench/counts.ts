import { InvalidArgumentError } from 'commander'
import { CommandError, EXIT } from '../src/main/commands/exit-codes.ts'

/** Reads an option that says how many. */
export function count(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number from 1 to 9999999')
}

/** Refuses a run that is too short for its figures to mean anything. */
export function expectTasks(tasks: number, fewest: number, reason: string): void {
  if (tasks < fewest) {
    throw new CommandError(`--tasks ${tasks}: expected at least ${fewest}, as ${reason}`, EXIT.usage)
  }
}
