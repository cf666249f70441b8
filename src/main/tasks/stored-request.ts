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

/**
 * An SQL condition on a row of `tasks`: whether its metadata holds the message's fields. As in the migration of the index
 * that is found by it.
 */
export const HAS_REQUEST = `(jsonb_typeof(metadata) = 'object' AND CASE type
    WHEN 'concept_generation' THEN metadata ?& ARRAY['logo_description', 'theme_description']
    WHEN 'concept_refinement' THEN metadata ?& ARRAY['refinement_prompt', 'original_image_url'] END)`

/** An SQL expression: the request that the metadata of a row of `tasks` holds. `fields` is that of {@link STORED_FIELDS}. */
export const requestOfMetadata = (fields: string) => `(
    SELECT json_object_agg(key, value) FROM jsonb_each(metadata || jsonb_build_object('task_type', type))
    WHERE key = ANY (${fields}::text[]))`

/** Well above the largest request that any processor accepts. */
const MAX_STORED_CHARACTERS = 131_072

/**
 * The JSON that is kept with a claimed task, so that another attempt needs no message; null for one so large
 * that its processor refuses it anyway.
 */
export function storedRequest({ taskType, fields }: TaskReference): string | null {
  const known: Record<string, unknown> = { task_type: taskType }
  for (const name of REQUEST_FIELDS) if (Object.hasOwn(fields, name)) known[name] = fields[name]
  const json = JSON.stringify(known)
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
