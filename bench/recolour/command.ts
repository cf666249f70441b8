import { Command, InvalidArgumentError, Option } from 'commander'
import { PICTURES } from '../pictures.ts'
import { measureAll } from './measurement.ts'
import { renderSummary, summarise } from './summary.ts'

const SIDES_PX: readonly number[] = [512, 1024, 2048]

export function recolourBenchmark(): Command {
  return new Command('recolour')
    .description(
      "CPU time of one task's image work against the codec floor: one decoding and seven encodings (30 s)",
    )
    .option('--images <folder>', 'PNG files to measure with', PICTURES)
    .addOption(
      new Option('--sides <pixels>', 'sides of the square pictures, with commas between')
        .argParser(sidesPx)
        .default(SIDES_PX, SIDES_PX.join()),
    )
    .option('--rounds <count>', 'runs of each, of which the median counts', Number, 5)
    .option('--json', 'print one JSON object')
    .action(async (options: { images: string; sides: readonly number[]; rounds: number; json?: boolean }) => {
      const say = options.json ? () => undefined : (text: string) => process.stdout.write(text)
      const measurements = await measureAll(options.images, options.sides, options.rounds, say)
      const summary = summarise(measurements)
      process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : renderSummary(summary))
    })
}

function sidesPx(text: string): number[] {
  const sides = text.split(',').map(Number)
  if (sides.every((side) => Number.isInteger(side) && side >= 16 && side <= 4096)) return sides
  throw new InvalidArgumentError('expected whole numbers from 16 to 4096, as in 512,1024')
}
