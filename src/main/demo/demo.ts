import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { userFolder } from '../../processors/object-paths.ts'
import { GENERATION, REFINEMENT } from '../../processors/task.ts'
import { readTaskView, type TaskView } from '../concepts/task-view.ts'
import { loadConfig, type Config } from '../config/config.ts'
import { createDatabasePool } from '../database/pool.ts'
import { STAND_INS, StandInError } from '../embedded/stand-in.ts'
import { causeOf, openEndpoints, type Endpoints } from '../endpoints.ts'
import { createPubSub } from '../intake/pubsub-client.ts'
import { TaskPublisher } from '../intake/task-publisher.ts'
import { ThreadPool } from '../pool/thread-pool.ts'
import { renderHtmlReport } from '../report/html-report.ts'
import { stageStatistics, type StageStatistics } from '../report/stage-statistics.ts'
import { openStorage } from '../storage/opening.ts'
import { waitForEnd } from '../tasks/task-end.ts'
import { checkHealthPort } from '../telemetry/health-server.ts'
import { createLogger } from '../telemetry/logger.ts'
import { startWorker } from '../worker.ts'
import { DEMO_USER, GENERATION_STAGES, GENERATIONS, REFINEMENT_STAGES, REFINEMENTS } from './demo-tasks.ts'
import { imagesIn, OutputError, OutputFolder } from './output-folder.ts'
import { drawContactSheet, makeThumbnails, readPictures } from './pictures.ts'
import { Progress } from './progress.ts'

const JOB_TIMEOUT_MS = 60_000

export type DemoResult = {
  readonly tasks: readonly TaskView[]
  readonly statistics: readonly StageStatistics[]
  /** From the first task that was handed in to the end of the last one. */
  readonly tasksMs: number
  /** From the start of the first service, past the stop of the last, until everything for the report was there. */
  readonly wallMs: number
  /** Null where no task has made a concept. */
  readonly contactSheet: string | null
  readonly report: string
}

export type DemoOptions = {
  /** Folder for the results. */
  readonly out: string
  /** Where progress is shown. */
  readonly terminal: NodeJS.WriteStream
  /** Ends the demo early, with everything stopped. */
  readonly signal: AbortSignal
}

/**
 * Shows the main job: starts what has no address, hands in tasks as the product does, runs the worker until all
 * have ended, stops everything, and leaves a contact sheet and a report. Throws an OutputError where it cannot leave
 * its files, an UnusableSetting for a variable that cannot be used, and a StandInError where what it started does not
 * start or dies.
 */
export async function runDemo(env: NodeJS.ProcessEnv, options: DemoOptions): Promise<DemoResult> {
  const startedAtMs = performance.now()
  // A data folder of its own: the demo neither finds nor leaves anything.
  const temporary = join(tmpdir(), `concept-worker-demo-${randomUUID()}`)
  const outPath = resolve(options.out)
  const images = pathToFileURL(imagesIn(outPath)).href
  const config = loadConfig({ ...env, DATA_DIR: temporary, STORAGE_URL: env.STORAGE_URL || images })
  await checkHealthPort(config.http)
  const out = await OutputFolder.open(outPath, userFolder(DEMO_USER))
  const progress = new Progress(
    options.terminal,
    GENERATIONS.length * GENERATION_STAGES + REFINEMENTS.length * REFINEMENT_STAGES,
    GENERATIONS.length + REFINEMENTS.length,
  )
  const log = createLogger(config.logLevel, progress.follow(out.log))
  const failure = new AbortController()
  out.log.on('error', (error) => failure.abort(new OutputError(out.path, error)))
  const signal = AbortSignal.any([options.signal, failure.signal])
  // Every picture in the making listens.
  setMaxListeners(0, signal)
  let endpoints: Endpoints | undefined
  try {
    progress.say('starting the services')
    endpoints = await openEndpoints(config, STAND_INS)
    void endpoints.lost.then((reason) => failure.abort(new StandInError(reason)))
    const standIns = endpoints.standIns.join(', ') || 'nothing'
    progress.say(`embedded: ${standIns}; images go to ${env.STORAGE_URL || out.images}`)
    const { tasks, tasksMs } = await runTasks(config, endpoints, log, signal)
    progress.end()
    const statistics = stageStatistics(tasks)
    await endpoints.stop()
    progress.say('drawing the contact sheet and the report')
    const contactSheet = tasks.some(({ concept }) => concept) ? out.contactSheet : null
    const run = { tasks, tasksMs, statistics, contactSheet, report: out.report }
    const wallMs = await writePages(config, endpoints, out, run, startedAtMs, signal)
    return { ...run, wallMs }
  } catch (error) {
    if (failure.signal.aborted) throw failure.signal.reason
    throw endpoints && !options.signal.aborted ? await causeOf(error, endpoints) : error
  } finally {
    await endpoints?.stop()
    await out.close()
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Runs a worker until all tasks have ended; a task's view is read before its database stops. */
async function runTasks(
  config: Config,
  endpoints: Endpoints,
  log: Logger,
  signal: AbortSignal,
): Promise<Pick<DemoResult, 'tasks' | 'tasksMs'>> {
  const worker = await startWorker(config, endpoints, log)
  const pool = createDatabasePool(endpoints.databaseUrl, () => undefined)
  const pubsub = createPubSub(config.pubsub.project, endpoints.pubsubHost)
  try {
    const publisher = new TaskPublisher(pool, pubsub, config.pubsub.topic)
    const firstAtMs = performance.now()
    const tasks = await submitAll(publisher, pool, signal)
    return { tasks, tasksMs: msSince(firstAtMs) }
  } finally {
    await Promise.all([pubsub.close(), pool.end(), worker.stop()])
  }
}

/** Hands in everything at once; a refinement follows as soon as the concept that it refines is there. */
async function submitAll(publisher: TaskPublisher, pool: Pool, signal: AbortSignal): Promise<TaskView[]> {
  const generations = GENERATIONS.map(async ({ logo, theme }) => {
    const fields = { logo_description: logo, theme_description: theme }
    return finished(await publisher.submit(DEMO_USER, GENERATION, fields), pool, signal)
  })
  const refinements = REFINEMENTS.map(async ({ of, prompt, palettes }) => {
    const original = await generations[of]
    const url = original?.concept?.imageUrl
    if (!url) return null
    const fields = { refinement_prompt: prompt, original_image_url: url, num_palettes: palettes }
    return finished(await publisher.submit(DEMO_USER, REFINEMENT, fields), pool, signal)
  })
  const tasks = await Promise.all([...generations, ...refinements])
  return tasks.filter((task) => task !== null)
}

async function finished(taskId: string, pool: Pool, signal: AbortSignal): Promise<TaskView> {
  await waitForEnd(pool, taskId, signal)
  const task = await readTaskView(pool, taskId)
  if (!task) throw new Error(`task ${taskId} is gone`)
  return task
}

/** Whole ones, so that they are rounded alike wherever they are shown. */
const msSince = (startMs: number) => Math.round(performance.now() - startMs)

/** Answers the time that the whole demo took, as the report has it. */
async function writePages(
  config: Config,
  endpoints: Endpoints,
  out: OutputFolder,
  result: Omit<DemoResult, 'wallMs'>,
  startedAtMs: number,
  signal: AbortSignal,
): Promise<number> {
  const { tasks, tasksMs, statistics } = result
  const threads = new ThreadPool({ ...config.pool, jobTimeoutMs: JOB_TIMEOUT_MS })
  const store = await openStorage(config.storage)
  try {
    const pictures = await readPictures(tasks, store, signal)
    const [thumbnails, contactSheet] = await Promise.all([
      makeThumbnails(pictures, threads, signal),
      result.contactSheet === null ? null : drawContactSheet(tasks, pictures, threads, signal),
    ])
    if (contactSheet) await out.write(out.contactSheet, contactSheet)
    const wallMs = msSince(startedAtMs)
    const html = renderHtmlReport({
      title: 'concept-worker demo',
      tasks,
      pictures: thumbnails,
      statistics,
      tasksMs,
      wallMs,
      facts: [
        { name: 'Image threads', value: String(config.pool.maxThreads) },
        { name: 'Embedded', value: endpoints.standIns.join(', ') },
        { name: 'Node', value: process.version },
      ],
    })
    await out.write(out.report, html)
    return wallMs
  } finally {
    await Promise.all([store.close(), threads.stop()])
  }
}
