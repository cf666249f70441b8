import { Failure } from '../../processors/failure.ts'
import { generationFields } from '../../processors/generation.ts'
import { refinementFields } from '../../processors/refinement.ts'
import { parseFields } from '../../processors/request-fields.ts'
import { GENERATION, type TaskType } from '../../processors/task.ts'
import { readTaskView } from '../concepts/task-view.ts'
import { loadConfig } from '../config/config.ts'
import { createDatabasePool } from '../database/pool.ts'
import { findEndpoints } from '../endpoints.ts'
import { createPubSub } from '../intake/pubsub-client.ts'
import { ensurePubSubResources } from '../intake/pubsub-resources.ts'
import { TaskPublisher } from '../intake/task-publisher.ts'
import { waitForEnd } from '../tasks/task-end.ts'
import { CommandError, EXIT } from './exit-codes.ts'
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
  checkFields(taskType, fields)
  const config = loadConfig(process.env)
  const endpoints = await findEndpoints(config, ['postgres', 'pubsub'])
  if (!endpoints) {
    throw new CommandError(
      `no worker with embedded services runs on ${config.dataDir}: start one with "start", or set DATABASE_URL ` +
        'and PUBSUB_PROJECT or PUBSUB_EMULATOR_HOST',
      EXIT.unavailable,
    )
  }
  const pool = createDatabasePool(endpoints.databaseUrl, () => undefined)
  const pubsub = createPubSub(config.pubsub.project, endpoints.pubsubHost)
  try {
    const publisher = new TaskPublisher(pool, pubsub, config.pubsub.topic)
    if (endpoints.pubsubHost !== null) {
      // A worker that starts later finds the message.
      await ensurePubSubResources(pubsub, config.pubsub.topic, config.pubsub.subscription)
    }
    const taskId = await publisher.submit(options.user, taskType, fields)
    if (!options.json) process.stdout.write(`${taskId}\n`)
    if (options.wait) await printEnd(pool, taskId, options.json ?? false)
    else if (options.json) process.stdout.write(`${JSON.stringify({ id: taskId })}\n`)
  } finally {
    await Promise.all([pubsub.close(), pool.end()])
  }
}

async function printEnd(
  pool: ReturnType<typeof createDatabasePool>,
  taskId: string,
  json: boolean,
): Promise<void> {
  await waitForEnd(pool, taskId)
  const task = await readTaskView(pool, taskId)
  if (!task) throw new CommandError(`task ${taskId} is gone`, EXIT.failed)
  process.stdout.write(json ? `${JSON.stringify(task, null, 2)}\n` : renderTask(task))
  if (task.status !== 'completed') process.exitCode = EXIT.failed
}

/** What a processor would refuse need not be handed in. */
function checkFields(taskType: TaskType, fields: Readonly<Record<string, unknown>>): void {
  try {
    parseFields(taskType === GENERATION ? generationFields : refinementFields, fields)
  } catch (error) {
    if (error instanceof Failure) throw new CommandError(error.message, EXIT.usage)
    throw error
  }
}
