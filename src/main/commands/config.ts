import { Command } from 'commander'
import { loadConfig } from '../config/config.ts'
import { listConfig } from '../config/listing.ts'
import { misspeltVariables } from '../config/misspelt.ts'

export function configCommand(): Command {
  return new Command('config')
    .description('print every variable with its value in force and where that came from; secrets are hidden')
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
      const width = (pick: (line: (typeof lines)[number]) => string) =>
        Math.max(...lines.map((line) => pick(line).length))
      const [nameWidth, sourceWidth] = [width((line) => line.variable), width((line) => line.source)]
      for (const { variable, value, source } of lines) {
        process.stdout.write(`${variable.padEnd(nameWidth)}  ${source.padEnd(sourceWidth)}  ${value}\n`)
      }
    })
}
