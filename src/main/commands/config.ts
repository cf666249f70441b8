import { Command } from 'commander'
import { loadConfig } from '../config/config.ts'
import { listConfig, type ConfigLine } from '../config/listing.ts'
import { misspeltVariables } from '../config/misspelt.ts'

/** A longer value moves what stands behind it to the right in its own line, and not in all of them. */
const MAX_VALUE_WIDTH = 32

export function configCommand(): Command {
  return new Command('config')
    .description(
      'print every variable: where its value comes from, the value in force, what it may hold; secrets are hidden',
    )
    .option('--json', 'print one JSON object, with what each variable is about')
    .action((options: { json?: boolean }) => {
      const lines = listConfig(loadConfig(process.env), process.env)
      for (const { given, meant } of misspeltVariables(process.env)) {
        process.stderr.write(`concept-worker: ${given} is not read; is ${meant.join(' or ')} meant?\n`)
      }
      if (options.json) {
        const byName = lines.map(({ variable, ...line }) => [variable, line] as const)
        process.stdout.write(`${JSON.stringify(Object.fromEntries(byName), null, 2)}\n`)
        return
      }
      process.stdout.write(renderLines(lines))
    })
}

function renderLines(lines: readonly ConfigLine[]): string {
  const width = (pick: (line: ConfigLine) => string) => Math.max(...lines.map((line) => pick(line).length))
  const nameWidth = width(({ variable }) => variable)
  const sourceWidth = width(({ source }) => source)
  const valueWidth = Math.min(
    MAX_VALUE_WIDTH,
    width(({ value }) => value),
  )
  return lines
    .map(({ variable, source, value, expected }) =>
      [
        variable.padEnd(nameWidth),
        source.padEnd(sourceWidth),
        value.padEnd(valueWidth),
        `${expected}\n`,
      ].join('  '),
    )
    .join('')
}
