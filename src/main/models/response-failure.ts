import { Failure, type FailureCategory } from '../../processors/failure.ts'

const CONTENT_POLICY = /nsfw|content.policy|safety|moderat|flagged/i

/**
 * What providers put into a successful answer when they have blackened the image, or made none. The list is of plain
 * values, so that no text is looked through from each of many beginnings of a list to its end.
 */
const NSFW_FLAG = /"(?:has_)?nsfw\w*"\s*:\s*(?:true\b|\[[^[\]]*\btrue\b)/i
const ERROR_TEXT = /"error"\s*:\s*"((?:[^"\\]|\\.)*)"/

/** Longer JSON holds the image itself, or many palettes. */
const MAX_REFUSAL_BYTES = 65_536

/** What an answer that is not 2xx said. */
export class HttpStatus extends Error {
  override readonly name = 'HttpStatus'
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

/** The category of an answer that is not 2xx. `subject` names the model in the message. */
export function responseFailure(
  subject: string,
  status: number,
  retryAfter: string | undefined,
  body: string,
): Failure {
  const category = categoryOf(status, body)
  return new Failure(category, `${subject} ${MEANINGS[category]} (HTTP ${status})`, {
    cause: new HttpStatus(status),
    retryAfterMs: retryAfterMs(retryAfter ?? null, Date.now()) ?? estimatedTimeMs(category, body),
  })
}

/** A refusal of the content in an answer that is 2xx; null for every other answer. */
export function refusalInAnswer(subject: string, contentType: string, body: Uint8Array): Failure | null {
  if (!/\bjson\b/i.test(contentType) || body.byteLength > MAX_REFUSAL_BYTES) return null
  const text = new TextDecoder().decode(body)
  const isRefusal = NSFW_FLAG.test(text) || CONTENT_POLICY.test(ERROR_TEXT.exec(text)?.[1] ?? '')
  return isRefusal ? new Failure('content_policy', `${subject} ${MEANINGS.content_policy}`) : null
}

/** What zlib says of gzip and deflate, and of Brotli: everything has arrived, and it is not what it claims to be. */
const BROKEN_COMPRESSION = /^Z_\w+_ERROR$|^ERR__ERROR_/

/** The category of a call that brought no answer at all, or none that could be read to its end. */
export function transportFailure(subject: string, error: unknown): Failure {
  if (isTimeout(error)) return new Failure('timeout', `${subject} did not answer in time`, { cause: error })
  if (hasCode(error, BROKEN_COMPRESSION)) {
    return new Failure('invalid_output', `${subject} answered with a body that cannot be decompressed`, {
      cause: error,
    })
  }
  return new Failure('network', `the connection to ${subject} failed`, { cause: error })
}

type ResponseCategory = Extract<
  FailureCategory,
  'auth' | 'quota' | 'rate_limited' | 'model_loading' | 'server' | 'content_policy' | 'bad_request'
>

const MEANINGS: Readonly<Record<ResponseCategory, string>> = {
  auth: 'refused the credentials',
  quota: 'has no credit left',
  rate_limited: 'asked to slow down',
  model_loading: 'is still loading',
  server: 'failed',
  content_policy: 'refused the content',
  bad_request: 'refused the request',
}

function categoryOf(status: number, body: string): ResponseCategory {
  if (status === 401) return 'auth'
  if (status === 402) return 'quota'
  if (status === 403) return CONTENT_POLICY.test(body) ? 'content_policy' : 'auth'
  if (status === 408) return 'server'
  if (status === 429) return 'rate_limited'
  if (status === 503 && body.includes('estimated_time')) return 'model_loading'
  if (status >= 400 && status < 500) return CONTENT_POLICY.test(body) ? 'content_policy' : 'bad_request'
  // 5xx, and a redirect: neither is an answer of the model.
  return 'server'
}

/** As all forms of an HTTP date begin. Date.parse would make a day of the year 2001 of nearly every number. */
const WEEKDAY = /^(mon|tue|wed|thu|fri|sat|sun)/i

/** Retry-After as seconds, some send parts of one, or as a date; in milliseconds from now. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000)
  const dateMs = WEEKDAY.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}

/** A loading model says in its body how many seconds it will take. */
function estimatedTimeMs(category: FailureCategory, body: string): number | undefined {
  const seconds = category === 'model_loading' ? /"estimated_time"\s*:\s*([\d.]+)/.exec(body)?.[1] : undefined
  const ms = Number(seconds) * 1_000
  return Number.isFinite(ms) ? ms : undefined
}

const TIMEOUT = /^UND_ERR_.*TIMEOUT$|^ETIMEDOUT$/

function isTimeout(error: unknown): boolean {
  return causesOf(error).some(({ name }) => name === 'TimeoutError') || hasCode(error, TIMEOUT)
}

function hasCode(error: unknown, pattern: RegExp): boolean {
  return causesOf(error).some((cause) => 'code' in cause && pattern.test(String(cause.code)))
}

/** The error and what is behind it: fetch wraps what went wrong. */
function causesOf(error: unknown): Error[] {
  const causes: Error[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(cause)
  return causes
}
