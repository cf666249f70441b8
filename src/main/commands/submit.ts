import { Command, InvalidArgumentError } from 'commander'
import { GENERATION, REFINEMENT, type TaskType } from '../../processors/task.ts'
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

type CommonOptions = { user: string; wait?: boolean; json?: boolean; palettes?: number }

const DEFAULT_USER = 'command-line'

export function submitCommand(): Command {
  return new Command('submit')
    .description('hand in a task as the product does, and print its id; a worker has to run somewhere')
    .addCommand(generationCommand())
    .addCommand(refinementCommand())
}

function generationCommand(): Command {
  return common(new Command('generation').description('a new concept from descriptions'))
    .requiredOption('--logo <description>', 'what the logo shows')
    .requiredOption('--theme <description>', 'the theme of its colours')
    .option('--palettes <count>', 'palettes, and so variations: 1 to 15', wholeNumber)
    .action((options: CommonOptions & { logo: string; theme: string }) =>
      submit(GENERATION, options, {
        logo_description: options.logo,
        theme_description: options.theme,
        ...palettes(options),
      }),
    )
}

function refinementCommand(): Command {
  return common(new Command('refinement').description('a new concept from an image and an instruction'))
    .requiredOption('--image <url>', 'the image: the imageUrl of a stored one, or an http or https URL')
    .requiredOption('--prompt <instruction>', 'what to change')
    .option('--palettes <count>', 'palettes, and so variations: 0 to 15', wholeNumber)
    .action((options: CommonOptions & { image: string; prompt: string }) =>
      submit(REFINEMENT, options, {
        refinement_prompt: options.prompt,
        original_image_url: options.image,
        ...palettes(options),
      }),
    )
}

function common(command: Command): Command {
  return command
    .option('--user <id>', 'the user whose task it is', DEFAULT_USER)
    .option('--wait', 'wait for its end and print the result')
    .option('--json', 'with --wait: print the result as one JSON object')
}

const palettes = ({ palettes: count }: CommonOptions) => (count === undefined ? {} : { num_palettes: count })

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

async function submit(
  taskType: TaskType,
  options: CommonOptions,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
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
