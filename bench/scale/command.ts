import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { RESULTS, writeResults } from '../results.ts'
import { measureThreads, type Measurement } from './measurement.ts'
import { startServices } from './services.ts'
import { drawSummary, renderSummary, summarise } from './summary.ts'

const THREADS: readonly number[] = [8, 16, 32, 64, 128]
/** With it two cores have room for the main threads of 64 threads, and for all that is beside them. */
const STRETCH = 16
/** Fewer are busy without it, or nearly; more are not even with it. */
const CHECKED = { least: 32, most: 64 }

type Options = {
  readonly threads: readonly number[]
  readonly seconds: number
  readonly side: number
  readonly stretch: number
  readonly processes?: number
  readonly results: string
  readonly json?: boolean
}

export function scaleBenchmark(): Command {
  return new Command('scale')
    .description(
      'how many threads the main thread keeps busy; they only take the time of real ones (Linux; 3 min)',
    )
    .addOption(
      new Option('--threads <counts>', 'numbers of threads, with commas between')
        .argParser(wholeNumbers)
        .default(THREADS, THREADS.join()),
    )
    .option('--seconds <count>', 'length of each run after its warm-up', Number, 6)
    .option('--side <pixels>', 'side of the pictures whose image work is taken for a task', Number, 1024)
    .option(
      '--stretch <factor>',
      'how many times as long threads take in the check of what is projected',
      Number,
      STRETCH,
    )
    .option('--processes <count>', 'processes that share the threads; those of the default otherwise', Number)
    .option('--results <folder>', 'where figures and chart are written', RESULTS)
    .option('--json', 'print one JSON object')
    .action(async ({ threads, seconds, side, stretch, processes, results, json }: Options) => {
      const say = json ? () => undefined : (text: string) => process.stdout.write(text)
      const services = await startServices(side)
      const measurements: Measurement[] = []
      const checks: Measurement[] = []
      try {
        for (const [i, count] of threads.entries()) {
          const isProfiled = i === threads.length - 1
          measurements.push(
            await measureThreads(count, services, { seconds, processes, stretch: 1, isProfiled }),
          )
          say(`${count} threads measured\n`)
        }
        for (const count of threads.filter((each) => each >= CHECKED.least && each <= CHECKED.most)) {
          checks.push(
            await measureThreads(count, services, { seconds, processes, stretch, isProfiled: false }),
          )
          say(`${count} threads that take ${stretch} times as long measured\n`)
        }
      } finally {
        await services.stop()
      }
      const summary = summarise(measurements, checks, services.taskMs)
      await writeResults(results, 'scale', summary, {
        scale: drawSummary(summary, availableParallelism()),
      })
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : renderSummary(summary))
    })
}

function wholeNumbers(text: string): number[] {
  const counts = text.split(',').map(Number)
  if (counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 512)) return counts
  throw new InvalidArgumentError('expected whole numbers from 1 to 512, as in 8,16')
}
