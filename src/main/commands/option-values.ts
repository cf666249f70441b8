import { InvalidArgumentError } from 'commander'

/** Parses the value of a limit. */
export function limitUpTo(max: number): (text: string) => number {
  return (text) => {
    const limit = Number(text)
    if (!/^\d{1,9}$/.test(text) || limit < 1 || limit > max) {
      throw new InvalidArgumentError(`expected a whole number from 1 to ${max}`)
    }
    return limit
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Parses a length of time such as `90m`, `2h` or `7d`; in milliseconds. */
export function timeSpan(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? []
  const unitMs = UNIT_MS[unit]
  if (unitMs === undefined) {
    throw new InvalidArgumentError('expected minutes, hours or days, such as 90m, 2h or 7d')
  }
  return Number(count) * unitMs
}

/** Parses values that are given one by one or as lists with commas, each one of `known`; the option may come again. */
export function listOf<T extends string>(
  known: readonly T[],
): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => {
    const values = text.split(',').map((part) => {
      const value = known.find((name) => name === part.trim())
      if (value === undefined) throw new InvalidArgumentError(`expected ${known.join(', ')}`)
      return value
    })
    return [...new Set([...before, ...values])]
  }
}
