import { Command, InvalidArgumentError } from 'commander'
import { availableCores } from '../../src/main/pool/available-cores.ts'
import { RESULTS, writeResults } from '../results.ts'
import { ALTERNATIVES, poolContenders } from './contenders.ts'
import { measureContenders } from './measurement.ts'
import { drawSummary, renderSummary, summarise } from './summary.ts'

const SIDES_PX = [512, 1024]

type Options = {
  readonly seconds: number
  readonly rounds: number
  readonly results: string
  readonly json?: boolean
}

export function poolBenchmark(): Command {
  return new Command('pool')
    .description(
      'image work of tasks per second by number of threads, against what would be written instead (4 min)',
    )
    .option('--seconds <count>', 'length of a run', positive, 3)
    .option('--rounds <count>', 'runs of each, in turns, of which the median counts', positive, 5)
    .option('--results <folder>', 'where figures and chart are written', RESULTS)
    .option('--json', 'print one JSON object')
    .action(async ({ seconds, rounds, results, json }: Options) => {
      const say = json ? () => undefined : (text: string) => process.stdout.write(text)
      const contenders = [...poolContenders(), ...ALTERNATIVES]
      const runs = { rounds: Math.ceil(rounds), durationMs: seconds * 1_000 }
      const summary = summarise(await measureContenders(contenders, SIDES_PX, runs, say), availableCores())
      await writeResults(results, 'pool', summary, { pool: drawSummary(summary) })
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : renderSummary(summary))
    })
}

function positive(text: string): number {
  if (Number(text) > 0 && Number(text) <= 10_000) return Number(text)
  throw new InvalidArgumentError('expected a number above 0')
}
