import type { Pool } from 'pg'
import type { TaskType } from '../../processors/task.ts'
import { readTaskView } from '../concepts/task-view.ts'
import { loadConfig, type Config } from '../config/config.ts'
import { checkDatabase, prepareDatabase } from '../database/database-access.ts'
import { createDatabasePool } from '../database/pool.ts'
import { causeOf, findEndpoints, openEndpoints, type ServiceAddresses } from '../endpoints.ts'
import { preparePubSub, publishProblem } from '../intake/pubsub-access.ts'
import { createPubSub } from '../intake/pubsub-client.ts'
import { TaskPublisher } from '../intake/task-publisher.ts'
import { waitForEnd } from '../tasks/task-end.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { checkSubmission } from './submission-check.ts'
import { renderTask } from './task-text.ts'

export type SubmissionOptions = {
  readonly user: string
  /** Wait for the task's end and print it. */
  readonly wait?: boolean
  readonly json?: boolean
}

/** Hands in one task and prints its id, or its end. */
export async function submitTask(
  taskType: TaskType,
  options: SubmissionOptions,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  checkSubmission(options.user, taskType, fields)
  const config = loadConfig(process.env)
  if (!(await findEndpoints(config, NEEDED))) {
    throw new CommandError(
      `no worker with embedded services runs on ${config.dataDir}: start one with "start", or set DATABASE_URL ` +
        'and PUBSUB_PROJECT or PUBSUB_EMULATOR_HOST',
      EXIT.unavailable,
    )
  }
  // Its own use of them, which keeps them running for as long as it waits, also where the worker is stopped.
  const endpoints = await openEndpoints(config, NEEDED)
  try {
    await submitTo(endpoints, config, taskType, options, fields)
  } catch (error) {
    throw await causeOf(error, endpoints)
  } finally {
    await endpoints.stop()
  }
}

const NEEDED = ['postgres', 'pubsub'] as const

async function submitTo(
  endpoints: ServiceAddresses,
  config: Config,
  taskType: TaskType,
  options: SubmissionOptions,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  // A worker on embedded services may be about to make the tables; whoever comes first makes them.
  if (config.database.url === null) await prepareDatabase(config, endpoints.databaseUrl)
  else await checkDatabase(config)
  const pool = createDatabasePool(endpoints.databaseUrl, () => undefined)
  const pubsub = createPubSub(config.pubsub.project, endpoints.pubsubHost)
  try {
    // A worker that starts later finds the message.
    await preparePubSub(pubsub, config.pubsub, endpoints.pubsubHost)
    const publisher = new TaskPublisher(pool, pubsub, config.pubsub.topic)
    const taskId = await publisher.submit(options.user, taskType, fields).catch((error: unknown) => {
      throw withoutTables(error) ?? publishProblem(error, config.pubsub)
    })
    if (!options.json) process.stdout.write(`${taskId}\n`)
    if (options.wait) await printEnd(pool, taskId, options.json ?? false)
    else if (options.json) process.stdout.write(`${JSON.stringify({ id: taskId })}\n`)
  } finally {
    await Promise.all([pubsub.close(), pool.end()])
  }
}

async function printEnd(pool: Pool, taskId: string, json: boolean): Promise<void> {
  await waitForEnd(pool, taskId)
  const task = await readTaskView(pool, taskId)
  if (!task) throw new CommandError(`task ${taskId} is gone`, EXIT.failed)
  process.stdout.write(json ? `${JSON.stringify(task, null, 2)}\n` : renderTask(task))
  if (task.status !== 'completed') process.exitCode = EXIT.failed
}

const UNDEFINED_TABLE = '42P01'

/** The error of a database that no worker has ever used, in words; undefined for any other. */
function withoutTables(error: unknown): CommandError | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE)) return undefined
  return new CommandError(
    'the database of DATABASE_URL has no tables yet: run "migrate", or start a worker',
    EXIT.unavailable,
    { cause: error },
  )
}
