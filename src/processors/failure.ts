/**
 * Why a task, or one call that it made, did not succeed. The category is the stable code that is stored
 * with the task, counted in metrics and shown to operators.
 */
export type FailureCategory =
  | 'invalid_request' // the message's own fields are unusable
  | 'unknown_task_type'
  | 'original_unavailable' // the image to refine cannot be had
  | 'invalid_image' // the image to refine is none, or is beyond the limits
  | 'auth' // the model or the storage refused the credentials
  | 'quota' // the model's account has no credit left
  | 'rate_limited'
  | 'model_loading'
  | 'server' // the other side failed
  | 'timeout'
  | 'network'
  | 'content_policy'
  | 'bad_request' // the model refused the request as such
  | 'invalid_output' // the model answered with something that is no image or no palette
  | 'storage'
  | 'image_thread' // a pool thread crashed, ran out of memory or hung
  | 'database'
  | 'abandoned' // every attempt ended without a result: the workers that held it died
  | 'internal'

/** Whether another attempt of the same task can help. */
const RETRYABLE: Readonly<Record<FailureCategory, boolean>> = {
  invalid_request: false,
  unknown_task_type: false,
  original_unavailable: false,
  invalid_image: false,
  auth: false,
  quota: false,
  rate_limited: true,
  model_loading: true,
  server: true,
  timeout: true,
  network: true,
  content_policy: false,
  bad_request: false,
  invalid_output: true,
  storage: true,
  image_thread: true,
  database: true,
  abandoned: false,
  internal: true,
}

export const FAILURE_CATEGORIES = Object.keys(RETRYABLE) as FailureCategory[]

/** How a call of a model may end. */
export const MODEL_FAILURE_CATEGORIES: readonly FailureCategory[] = [
  'auth',
  'quota',
  'rate_limited',
  'model_loading',
  'server',
  'timeout',
  'network',
  'content_policy',
  'bad_request',
  'invalid_output',
  'internal',
]

/** Whether another attempt can help after such a failure, unless the failure itself says otherwise. */
export function isRetryable(category: FailureCategory): boolean {
  return RETRYABLE[category]
}

/** What whoever asked for the task has to mend: nothing for an operator to do. */
const OF_THE_USER: ReadonlySet<FailureCategory> = new Set([
  'invalid_request',
  'original_unavailable',
  'invalid_image',
  'content_policy',
])

export function isOfTheUser(category: FailureCategory): boolean {
  return OF_THE_USER.has(category)
}

/**
 * An error with a category. `message` is safe to store and to show: it names the field or the limit and the
 * expected form, and holds no prompt, URL credentials, stack or answer of another system; those belong to
 * `cause`, which is never stored.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly category: FailureCategory
  readonly retryable: boolean
  /** What the other side asked for (Retry-After), in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    category: FailureCategory,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number | undefined; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.category = category
    this.retryable = options.retryable ?? isRetryable(category)
    this.retryAfterMs = options.retryAfterMs
  }
}
