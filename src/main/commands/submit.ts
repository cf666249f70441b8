import { Command, InvalidArgumentError } from 'commander'
import { GENERATION, REFINEMENT, type TaskType } from '../../processors/task.ts'
import type { SubmissionOptions } from './task-submission.ts'

type CommonOptions = SubmissionOptions & { readonly palettes?: number }

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
  options: SubmissionOptions,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  // The Pub/Sub client takes half a second to load; nothing else here needs it.
  const { submitTask } = await import('./task-submission.ts')
  await submitTask(taskType, options, fields)
}
