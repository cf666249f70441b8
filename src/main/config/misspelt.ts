import { distance } from 'fastest-levenshtein'
import { VARIABLE_NAMES, type VariableName } from './schema.ts'

export type MisspeltVariable = { readonly given: string; readonly meant: VariableName }

/** Letters that differ at most, by the length of the shorter name: short names are alike by chance. */
const MOST_EDITS = { short: 1, long: 2, longFrom: 10 }

/** Variables that the worker does not read, but whose names are nearly those of some that it does. */
export function misspeltVariables(env: Readonly<Record<string, string | undefined>>): MisspeltVariable[] {
  const known = new Set<string>(VARIABLE_NAMES)
  return Object.keys(env)
    .filter((given) => env[given] && !known.has(given))
    .flatMap((given) => {
      const meant = VARIABLE_NAMES.find((name) => isNearly(given.toUpperCase(), name))
      return meant ? [{ given, meant }] : []
    })
}

function isNearly(given: string, name: string): boolean {
  const length = Math.min(given.length, name.length)
  return distance(given, name) <= (length < MOST_EDITS.longFrom ? MOST_EDITS.short : MOST_EDITS.long)
}
