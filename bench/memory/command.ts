import { Command } from 'commander'
import { MeasuringProcess } from '../measuring-process.ts'
import { RESULTS, writeResults } from '../results.ts'
import { allocators, type Allocator } from './allocators.ts'
import { slopePerThousandTasks } from './slope.ts'
import { drawSummary, renderSummary, type AllocatorSummary, type Point } from './summary.ts'
import type { Memory, MemoryQuestion } from './tasks-process.ts'

const ENTRY = new URL('tasks-process.ts', import.meta.url)
const SIDES_PX = [512, 1024, 2048]
const TASKS_AT_ONCE = [1, 4, 16]
/** Two small ones and a large one, so that what is freed has another size than what is wanted next. */
const SOAK_SIDES_PX = [512, 1024, 512, 1024, 2048]

type Options = { readonly tasks: number; readonly results: string; readonly json?: boolean }

export function memoryBenchmark(): Command {
  return new Command('memory')
    .description(
      'resident memory by tasks at once and image size, and over many tasks, with each allocator (3 min)',
    )
    .option('--tasks <count>', 'tasks of the soak', Number, 600)
    .option('--results <folder>', 'where figures and chart are written', RESULTS)
    .option('--json', 'print one JSON object')
    .action(async ({ tasks, results, json }: Options) => {
      const say = json ? () => undefined : (text: string) => process.stdout.write(text)
      const measured: AllocatorSummary[] = []
      for (const allocator of allocators()) {
        measured.push(await measure(allocator, tasks))
        say(`${allocator.name} measured\n`)
      }
      const summary = {
        slopeMiBPerThousandTasks: measured[0]!.slopeMiBPerThousandTasks,
        soakTasks: tasks,
        allocators: measured,
      }
      await writeResults(results, 'memory', summary, { memory: drawSummary(summary) })
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : renderSummary(summary))
    })
}

async function measure({ name, env }: Allocator, tasks: number): Promise<AllocatorSummary> {
  const points: Point[] = []
  for (const sidePx of SIDES_PX) {
    await withProcess(env, async (process) => {
      for (const count of TASKS_AT_ONCE) {
        const { peakMib, idleMib } = await process.ask({ ask: 'crowd', tasks: count, sidePx })
        points.push({ sidePx, tasks: count, peakMib, idleMib })
      }
    })
  }
  const soak = await withProcess(env, (process) =>
    process.ask({ ask: 'soak', tasks, sidesPx: SOAK_SIDES_PX }),
  )
  return { name, slopeMiBPerThousandTasks: slopePerThousandTasks(soak.steps), points, soak }
}

async function withProcess<T>(
  env: Allocator['env'],
  work: (process: MeasuringProcess<MemoryQuestion, Memory>) => Promise<T>,
): Promise<T> {
  const process = new MeasuringProcess<MemoryQuestion, Memory>(ENTRY, env)
  try {
    return await work(process)
  } finally {
    await process.stop()
  }
}
