import { distance } from 'fastest-levenshtein'
import { VARIABLE_NAMES, type VariableName } from './schema.ts'

export type MisspeltVariable = {
  readonly given: string
  /** Several where they differ from it by equally few letters, or lack the same word. */
  readonly meant: readonly VariableName[]
}

/** Letters that differ at most, by the length of the shorter name: short names are alike by chance. */
const MOST_EDITS = { short: 1, long: 2, longFrom: 9 }
/** Of one word alone, such as `LOG`, nobody knows whose it is. */
const LEAST_WORDS = 2

/** What other programs call the same. */
const OTHER_NAMES: Readonly<Record<string, VariableName>> = {
  POSTGRES_URL: 'DATABASE_URL',
  PG_URL: 'DATABASE_URL',
  PUBSUB_PROJECT_ID: 'PUBSUB_PROJECT',
  HF_API_TOKEN: 'HF_TOKEN',
  HUGGINGFACE_TOKEN: 'HF_TOKEN',
  HUGGINGFACE_API_TOKEN: 'HF_TOKEN',
  HUGGINGFACEHUB_API_TOKEN: 'HF_TOKEN',
  HUGGING_FACE_HUB_TOKEN: 'HF_TOKEN',
  STORAGE_BUCKET: 'STORAGE_URL',
  MAX_TASKS: 'MAX_TASKS_IN_FLIGHT',
  METRICS_PORT: 'HTTP_PORT',
}

/** Variables that the worker does not read, but whose names are nearly those of some that it does, or another program's for the same. */
export function misspeltVariables(env: Readonly<Record<string, string | undefined>>): MisspeltVariable[] {
  const known = new Set<string>(VARIABLE_NAMES)
  return Object.keys(env)
    .filter((given) => env[given] && !known.has(given) && !env[OTHER_NAMES[given] ?? ''])
    .flatMap((given) => {
      const meant = namesNear(given.toUpperCase())
      return meant.length > 0 ? [{ given, meant }] : []
    })
}

function namesNear(given: string): VariableName[] {
  const same = OTHER_NAMES[given]
  if (same) return [same]
  const edits = new Map(VARIABLE_NAMES.map((name) => [name, distance(given, name)] as const))
  const alike = VARIABLE_NAMES.filter((name) => edits.get(name)! <= mostEdits(given, name))
  const least = Math.min(...alike.map((name) => edits.get(name)!))
  return alike.length > 0
    ? alike.filter((name) => edits.get(name) === least)
    : VARIABLE_NAMES.filter((name) => lacksOneWord(given, name))
}

function mostEdits(given: string, name: string): number {
  return Math.min(given.length, name.length) < MOST_EDITS.longFrom ? MOST_EDITS.short : MOST_EDITS.long
}

/** Whether `given` is `name` without one of its words, which is not the first. */
function lacksOneWord(given: string, name: string): boolean {
  const words = name.split('_')
  return (
    words.length > LEAST_WORDS &&
    words.some((_, left) => left > 0 && words.filter((_word, i) => i !== left).join('_') === given)
  )
}
