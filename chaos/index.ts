import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import { runChaos, type ChaosResult } from './chaos-run.ts'

const DEFAULT_TASKS = 300

type Options = { readonly seed?: number; readonly tasks: number; readonly json?: boolean }

const program = new Command('chaos')
  .description(
    'Kills workers, Postgres and Pub/Sub while tasks flow, and checks that nothing is lost or done twice.',
  )
  .option('--seed <number>', 'for the same tasks and faults again', wholeNumber)
  .option('--tasks <count>', 'how many flow in', wholeNumber, DEFAULT_TASKS)
  .option('--json', 'print one JSON object to standard output, and what happens to standard error')
  .action(async ({ seed = randomInt(2 ** 31), tasks, json = false }: Options) => {
    const startedAtMs = performance.now()
    const out = json ? process.stderr : process.stdout
    const say = (text: string) => {
      out.write(`${((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(6)} s  ${text}\n`)
    }
    say(`seed ${seed}`)
    const result = await runChaos({ seed, tasks, say })
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : describe(result))
    process.exitCode = result.violations.length > 0 ? 1 : 0
  })

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

function describe({ violations, reclaimMs, ...counts }: ChaosResult): string {
  const lines = Object.entries(counts).map(([name, value]) => `${name.padEnd(18)} ${value}`)
  return [
    '',
    ...lines,
    `${'reclaimMs'.padEnd(18)} p50 ${reclaimMs.p50 ?? '-'}, p95 ${reclaimMs.p95 ?? '-'}`,
    ...violations.map((violation) => `VIOLATION: ${violation}`),
    violations.length === 0 ? 'nothing lost, nothing done twice' : `${violations.length} violations`,
    '',
  ].join('\n')
}

await program.parseAsync()
