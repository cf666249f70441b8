import { generationFields } from '../../processors/generation.ts'
import { refinementFields } from '../../processors/refinement.ts'
import { GENERATION, type TaskType } from '../../processors/task.ts'
import { isWebUrl, webUrl } from '../download/web-url.ts'
import { isUserId, USER_ID_FORM } from '../intake/message.ts'
import { CommandError, EXIT } from './exit-codes.ts'

/** The options that the fields of a message come from. */
const OPTIONS: Readonly<Record<string, string>> = {
  logo_description: '--logo',
  theme_description: '--theme',
  refinement_prompt: '--prompt',
  original_image_url: '--image',
  num_palettes: '--palettes',
}

/**
 * Refuses what the message handler would set aside and what a processor would fail the task for, by the same rules,
 * with a line for each wrong option.
 */
export function checkSubmission(
  userId: string,
  taskType: TaskType,
  fields: Readonly<Record<string, unknown>>,
): void {
  const problems = isUserId(userId) ? [] : [`--user: expected ${USER_ID_FORM}`]
  const schema = taskType === GENERATION ? generationFields : refinementFields
  const wrong = new Map<string, string>()
  for (const { path, message } of schema.safeParse(fields).error?.issues ?? []) {
    const field = String(path[0])
    // Of a field that is wrong in several ways the first says enough.
    if (!wrong.has(field)) wrong.set(field, `${OPTIONS[field] ?? field}: ${message}`)
  }
  const { original_image_url: url } = fields
  if (typeof url === 'string' && !wrong.has('original_image_url')) {
    const problem = imageProblem(url)
    if (problem !== null) wrong.set('url', `--image: ${problem}`)
  }
  problems.push(...wrong.values())
  if (problems.length > 0) throw new CommandError(problems.join('\n'), EXIT.usage)
}

/** Which store the worker has is not known here: a URL of any kind of store passes. */
const STORED = /^(file|gs|s3):\/\//i

function imageProblem(url: string): string | null {
  if (!URL.canParse(url) || !(isWebUrl(url) || STORED.test(url))) {
    return 'expected the URL of a stored image, or an http or https URL'
  }
  return isWebUrl(url) && webUrl(url) === null
    ? 'expected an http or https URL without user name and password'
    : null
}
