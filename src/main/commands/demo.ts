import { relative } from 'node:path'
import { Command } from 'commander'
import type { DemoResult } from '../demo/demo.ts'
import { formatDuration } from '../report/duration.ts'
import { renderStageTable } from '../report/stage-table.ts'
import { CommandError, EXIT } from './exit-codes.ts'

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'run 8 tasks and leave a contact sheet and a report; embedded stand-ins serve what has no address',
    )
    .option('--out <folder>', 'where the results go', 'out')
    .option('--json', 'print one JSON object to standard output, and progress to standard error')
    .action(demo)
}

async function demo(options: { out: string; json?: boolean }): Promise<void> {
  const abort = new AbortController()
  const onSignal = () => abort.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal)
  // Nothing else of the command line needs its pages.
  const [{ runDemo }, { OutputError }] = await Promise.all([
    import('../demo/demo.ts'),
    import('../demo/output-folder.ts'),
  ])
  const result = await runDemo(process.env, {
    out: options.out,
    terminal: options.json ? process.stderr : process.stdout,
    signal: abort.signal,
  }).catch((error: unknown) => {
    if (abort.signal.aborted) {
      throw new CommandError('interrupted; everything is stopped', EXIT.interrupted)
    }
    if (error instanceof OutputError) throw new CommandError(error.message, EXIT.dataError, { cause: error })
    throw error
  })
  const summary = summarise(result)
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
  else process.stdout.write(describe(result, summary))
  process.exitCode = summary.tasks.completed === result.tasks.length ? EXIT.ok : EXIT.failed
}

function summarise({ tasks, statistics, tasksMs, wallMs, contactSheet, report }: DemoResult) {
  const concepts = tasks.flatMap(({ concept }) => (concept ? [concept] : []))
  return {
    tasks: {
      completed: tasks.filter(({ status }) => status === 'completed').length,
      failed: tasks.filter(({ status }) => status !== 'completed').length,
    },
    concepts: concepts.length,
    variations: concepts.reduce((sum, { variations }) => sum + variations.length, 0),
    stages: Object.fromEntries(
      statistics.map(({ name, count, p50Ms, p95Ms, waitP50Ms }) => [
        name,
        { count, p50Ms, p95Ms, waitP50Ms },
      ]),
    ),
    tasksMs,
    wallMs,
    contactSheet,
    report,
  }
}

function describe({ tasks, statistics }: DemoResult, summary: ReturnType<typeof summarise>): string {
  const failures = tasks
    .filter(({ status }) => status !== 'completed')
    .map(
      ({ id, status, errorCode, errorMessage }) => `${id} ${status} ${errorCode ?? ''} ${errorMessage ?? ''}`,
    )
  return [
    '',
    renderStageTable(statistics),
    ...failures,
    `${summary.tasks.completed} tasks completed, ${summary.tasks.failed} failed: ` +
      `${summary.concepts} concepts, ${summary.variations} variations`,
    `${tasks.length} tasks in ${formatDuration(summary.tasksMs)}; with services and pages ${formatDuration(summary.wallMs)}`,
    ...(summary.contactSheet === null ? [] : [`contact sheet  ${relative('', summary.contactSheet)}`]),
    `report         ${relative('', summary.report)}`,
    '',
  ].join('\n')
}
