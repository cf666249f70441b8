import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { measureAll } from './measurement.ts'
import { renderSummary, summarise } from './summary.ts'

const PICTURES = fileURLToPath(new URL('../../test/fixtures/images', import.meta.url))
const SIDES_PX = [512, 1024, 2048]

export function recolourBenchmark(): Command {
  return new Command('recolour')
    .description(
      "CPU time of one task's image work against the codec floor: one decoding and seven encodings",
    )
    .option('--images <folder>', 'PNG files to measure with', PICTURES)
    .option('--rounds <count>', 'runs of each, of which the median counts', Number, 5)
    .option('--json', 'print one JSON object')
    .action(async (options: { images: string; rounds: number; json?: boolean }) => {
      const say = options.json ? () => undefined : (text: string) => process.stdout.write(text)
      const measurements = await measureAll(options.images, SIDES_PX, options.rounds, say)
      const summary = summarise(measurements)
      process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : renderSummary(summary))
    })
}
