import type { TaskReference } from '../../processors/task.ts'

/** What a request of any type is made of; other fields of a message are ignored and not kept. */
const REQUEST_FIELDS = [
  'logo_description',
  'theme_description',
  'num_palettes',
  'is_anonymous',
  'refinement_prompt',
  'original_image_url',
] as const

/** What a stored request is made of. */
export const STORED_FIELDS: readonly string[] = ['task_type', ...REQUEST_FIELDS]

/** Well above the largest request that any processor accepts. */
const MAX_STORED_CHARACTERS = 131_072

/**
 * The JSON that is kept with a claimed task, so that another attempt needs no message; null for one so large
 * that its processor refuses it anyway.
 */
export function storedRequest({ taskType, fields }: TaskReference): string | null {
  const known = REQUEST_FIELDS.filter((name) => Object.hasOwn(fields, name)).map((name) => [
    name,
    fields[name],
  ])
  const json = JSON.stringify({ task_type: taskType, ...Object.fromEntries(known) })
  return json.length <= MAX_STORED_CHARACTERS ? json : null
}

/** The task that a stored request belongs to, ready to be claimed. */
export function referenceFrom(
  taskId: string,
  userId: string,
  request: Readonly<Record<string, unknown>>,
): TaskReference {
  const { task_type: taskType, ...fields } = request
  return { taskId, userId, taskType: typeof taskType === 'string' ? taskType : '', fields }
}
