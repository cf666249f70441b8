import { Command, InvalidArgumentError } from 'commander'
import { DEFAULT_PALETTES, MAX_PALETTES, MAX_TEXT_CHARACTERS } from '../../processors/request-fields.ts'
import { GENERATION, REFINEMENT, type TaskType } from '../../processors/task.ts'
import type { SubmissionOptions } from './task-submission.ts'

type CommonOptions = SubmissionOptions & { readonly palettes?: number }

const DEFAULT_USER = 'command-line'

export function submitCommand(): Command {
  return new Command('submit')
    .description('hand in a task as the product does, and print its id; a worker that runs somewhere does it')
    .addCommand(generationCommand())
    .addCommand(refinementCommand())
}

function generationCommand(): Command {
  const command = new Command('generation')
    .usage('--logo <description> --theme <description> [options]')
    .description('a new concept from descriptions')
    .requiredOption('--logo <description>', `what the logo shows, ${TEXT}`)
    .requiredOption('--theme <description>', `the theme of its colours, ${TEXT}`)
    .option('--palettes <count>', palettesFrom(1, DEFAULT_PALETTES), wholeNumber)
  return common(command).action((options: CommonOptions & { logo: string; theme: string }) =>
    submit(GENERATION, options, {
      logo_description: options.logo,
      theme_description: options.theme,
      ...palettes(options),
    }),
  )
}

function refinementCommand(): Command {
  const command = new Command('refinement')
    .usage('--image <url> --prompt <instruction> [options]')
    .description('a new concept from an image and an instruction')
    .requiredOption('--image <url>', 'that of a stored image of the user, or an http or https URL')
    .requiredOption('--prompt <instruction>', `what to change, ${TEXT}`)
    .option('--logo <description>', `what the logo shows, ${TEXT}; that of the refined concept if not given`)
    .option(
      '--theme <description>',
      `the theme of its colours, ${TEXT}; that of the refined concept if not given`,
    )
    .option('--palettes <count>', palettesFrom(0, 0), wholeNumber)
  return common(command).action(
    (options: CommonOptions & { image: string; prompt: string; logo?: string; theme?: string }) =>
      submit(REFINEMENT, options, {
        refinement_prompt: options.prompt,
        original_image_url: options.image,
        ...(options.logo === undefined ? {} : { logo_description: options.logo }),
        ...(options.theme === undefined ? {} : { theme_description: options.theme }),
        ...palettes(options),
      }),
  )
}

const TEXT = `up to ${MAX_TEXT_CHARACTERS} characters`

const palettesFrom = (min: number, standard: number) =>
  `palettes, and so variations: ${min} to ${MAX_PALETTES} (default: ${standard})`

function common(command: Command): Command {
  return command
    .option(
      '--user <id>',
      'whose task it is; stored images can be refined by their own user only',
      DEFAULT_USER,
    )
    .option('--wait', 'wait for its end and print the task as "task" does')
    .option('--json', 'print one JSON object: the id, or with --wait the task')
}

const palettes = ({ palettes: count }: CommonOptions) => (count === undefined ? {} : { num_palettes: count })

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

async function submit(
  taskType: TaskType,
  options: SubmissionOptions,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  // The Pub/Sub client takes half a second to load; nothing else here needs it.
  const { submitTask } = await import('./task-submission.ts')
  await submitTask(taskType, options, fields)
}
