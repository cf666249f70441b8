import { Command, InvalidArgumentError } from 'commander'
import { PICTURES } from '../pictures.ts'
import { measureAll } from './measurement.ts'
import { renderSummary, summarise } from './summary.ts'

export function encodersBenchmark(): Command {
  return new Command('encoders')
    .description(
      'File size against CPU time of writing one variation, for each setting of the encoders (2 min)',
    )
    .option('--images <folder>', 'PNG files whose variations are written', PICTURES)
    .option('--rounds <count>', 'runs of each, of which the median counts', countOf, 5)
    .option('--json', 'print one JSON object')
    .action(async (options: { images: string; rounds: number; json?: boolean }) => {
      const say = options.json ? () => undefined : (text: string) => process.stdout.write(text)
      const summary = summarise(await measureAll(options.images, options.rounds, say))
      process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : renderSummary(summary))
    })
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1) return count
  throw new InvalidArgumentError('expected a whole number from 1')
}
