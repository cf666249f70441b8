import { Command, InvalidArgumentError, Option } from 'commander'
import { availableCores } from '../../src/main/pool/available-cores.ts'
import { firstTasksInFlight } from '../../src/main/pool/in-flight-target.ts'
import { count, expectTasks } from '../counts.ts'
import { RESULTS, writeResults } from '../results.ts'
import { withServices } from '../services.ts'
import { fewestTasks, runPipeline, type PipelineFigures } from './pipeline-run.ts'
import { drawSummary, renderSummary, summarise } from './summary.ts'

const LATENCIES_MS: readonly number[] = [0, 5_000]

type Options = {
  readonly tasks: number
  readonly latencyMs: readonly number[]
  readonly side: number
  readonly inFlight?: number
  readonly results: string
  readonly json?: boolean
}

export function pipelineBenchmark(): Command {
  return new Command('pipeline')
    .description(
      'whole generation tasks through broker, Postgres, models, image threads and storage (1.5 min)',
    )
    .option(
      '--tasks <count>',
      'tasks for each latency; the worker has to hold its number before they end, so at least 200',
      count,
      400,
    )
    .addOption(
      new Option('--latency-ms <list>', 'mean latencies of the image model, with commas between')
        .argParser(latencies)
        .default(LATENCIES_MS, LATENCIES_MS.join()),
    )
    .option('--side <pixels>', 'side of the square pictures', count, 1024)
    .option('--in-flight <count>', 'tasks in hand (default: the worker finds the number by itself)', count)
    .option('--results <folder>', 'where figures and chart are written', RESULTS)
    .option('--json', 'print one JSON object')
    .action(async ({ tasks, latencyMs, side: sidePx, inFlight, results, json }: Options) => {
      const inHand = inFlight ?? firstTasksInFlight(availableCores())
      expectTasks(tasks, fewestTasks(inHand), `${inHand} of them are in hand at once`)
      const say = json ? () => undefined : (text: string) => process.stdout.write(text)
      const figures = await withServices(async (services) => {
        const each: PipelineFigures[] = []
        for (const latency of latencyMs) {
          say(`models take ${latency} ms\n`)
          each.push(await runPipeline(latency, { tasks, sidePx, maxInFlight: inFlight ?? null }, services))
        }
        return each
      })
      const summary = summarise(figures, sidePx)
      await writeResults(results, 'pipeline', summary, { pipeline: drawSummary(summary) })
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : renderSummary(summary))
    })
}

function latencies(text: string): number[] {
  if (/^\d{1,6}(,\d{1,6})*$/.test(text)) return [...new Set(text.split(',').map(Number))]
  throw new InvalidArgumentError('expected whole numbers of milliseconds, as in 0,5000')
}
