import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/main/config/config.ts'
import { listConfig } from '../../../src/main/config/listing.ts'
import { environmentSchema, VARIABLE_NAMES, type VariableName } from '../../../src/main/config/schema.ts'

const README = new URL('../../../README.md', import.meta.url)

/** What the README says of each variable's default. */
let documented: Map<string, string>

beforeAll(async () => {
  documented = documentedDefaults(await readFile(README, 'utf8'))
})

const LITERAL = /^(`[^`]+`|\d+)$/

/** The table's rows. A row of several variables gives each its literal default, or all of them the same words. */
function documentedDefaults(readme: string): Map<string, string> {
  const section = readme.split(/^## /m).find((text) => text.startsWith('Configuration\n')) ?? ''
  const defaults = new Map<string, string>()
  for (const line of section.split('\n').filter((text) => text.startsWith('| `'))) {
    const [, variables = '', standard = ''] = line.split('|').map((cell) => cell.trim())
    const names = [...variables.matchAll(/`([A-Z0-9_]+)`/g)].map(([, name]) => name ?? '')
    const parts = standard.split(', ')
    for (const [i, name] of names.entries()) {
      defaults.set(name, names.length > 1 && LITERAL.test(parts[i] ?? '') ? (parts[i] ?? '') : standard)
    }
  }
  return defaults
}

const SCHEMA_DEFAULTS = environmentSchema.parse({})
const literal = (name: VariableName): string | undefined => SCHEMA_DEFAULTS[name]?.toString()

describe("the README's table of the configuration", () => {
  it('lists every variable that the worker reads, in the order of the listing, and no other', () => {
    expect([...documented.keys()]).toEqual(VARIABLE_NAMES)
  })

  it.each(VARIABLE_NAMES.filter((name) => literal(name) !== undefined))('gives the default of %s', (name) => {
    expect(documented.get(name)?.replaceAll('`', '')).toBe(literal(name))
  })

  it.each(VARIABLE_NAMES.filter((name) => literal(name) === undefined))(
    'says where %s comes from when it is unset',
    (name) => {
      const { source, value } = listConfig(loadConfig({}), {}).find(({ variable }) => variable === name)!
      const words: Readonly<Record<string, RegExp>> = {
        embedded: /embedded|DATA_DIR/,
        unset: /^none$|^embedded/,
        machine: /cores|image thread/,
        default: new RegExp(`^\`${value}\``),
      }
      expect(documented.get(name)).toMatch(words[source] ?? /^$/)
    },
  )
})
