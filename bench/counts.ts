import { InvalidArgumentError } from 'commander'

/** Reads an option that says how many. */
export function count(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number from 1 to 9999999')
}
