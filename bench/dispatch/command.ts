import { Command } from 'commander'
import { count, expectTasks } from '../counts.ts'
import { RESULTS, writeResults } from '../results.ts'
import { compare } from './comparison.ts'
import { drawSummary, renderSummary, summarise } from './summary.ts'

/** pg-boss takes so many at once. */
const LARGEST_BATCH = 100

type Options = {
  readonly tasks: number
  readonly rounds: number
  readonly inFlight: number
  readonly folders: boolean
  readonly loneTasks: number
  readonly results: string
  readonly json?: boolean
}

export function dispatchBenchmark(): Command {
  return new Command('dispatch')
    .description(
      'tasks without work through broker, claim and completion, against graphile-worker and pg-boss (2 min)',
    )
    .option('--tasks <count>', 'tasks of each run', count, 20_000)
    .option('--rounds <count>', 'runs of each, in turns, of which the median counts', count, 3)
    .option('--in-flight <count>', 'tasks that this worker may have in hand', count, 1_000)
    .option('--folders', 'with the entry for a folder of images that a task with images has', false)
    .option('--lone-tasks <count>', 'tasks that come one at a time, in each round', count, 50)
    .option('--results <folder>', 'where figures and chart are written', RESULTS)
    .option('--json', 'print one JSON object')
    .action(
      async ({
        tasks,
        rounds,
        inFlight: maxInFlight,
        folders: hasFolders,
        loneTasks,
        results,
        json,
      }: Options) => {
        // All that are in hand may end in one moment.
        const atOnce = Math.max(maxInFlight, LARGEST_BATCH)
        expectTasks(tasks, 2 * atOnce, `${atOnce} of them are in hand at once`)
        const say = json ? () => undefined : (text: string) => process.stdout.write(text)
        const runs = await compare({ tasks, rounds, maxInFlight, hasFolders, loneTasks, say })
        const summary = summarise(runs, { tasks, maxInFlight, hasFolders })
        await writeResults(results, 'dispatch', summary, { dispatch: drawSummary(summary) })
        process.stdout.write(json ? `${JSON.stringify(summary)}\n` : renderSummary(summary))
      },
    )
}
