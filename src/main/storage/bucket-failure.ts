import { Failure, type FailureCategory } from '../../processors/failure.ts'
import { retryAfterMs } from '../models/response-failure.ts'
import type { BucketTrouble } from './bucket.ts'

type Verdict = { readonly category: FailureCategory; readonly problem: string; readonly retryable?: boolean }

/** Codes that say more than their status. Those of S3 and its relatives first, then those of Cloud Storage. */
const BY_CODE: Readonly<Record<string, Verdict>> = {
  ...codes({ category: 'rate_limited', problem: 'asked to slow down' }, [
    'SlowDown',
    'TooManyRequests',
    'RequestLimitExceeded',
    'rateLimitExceeded',
    'userRateLimitExceeded',
  ]),
  ...codes({ category: 'quota', problem: 'has no room or no credit left' }, [
    'QuotaExceeded',
    'XMinioStorageFull',
    'XMinioAdminBucketQuotaExceeded',
    'quotaExceeded',
    'accountDisabled',
    'userProjectAccountProblem',
  ]),
  ...codes({ category: 'auth', problem: 'refused the credentials' }, [
    'AccessDenied',
    'ExpiredToken',
    'InvalidAccessKeyId',
    'InvalidToken',
    'SignatureDoesNotMatch',
    'AuthorizationHeaderMalformed',
  ]),
  // Behind it may be a missing permission, or a service that is gone for a moment.
  ...codes({ category: 'auth', problem: 'cannot sign URLs with these credentials', retryable: true }, [
    'SigningError',
  ]),
  ...codes({ category: 'storage', problem: 'has the bucket in another region', retryable: false }, [
    'PermanentRedirect',
  ]),
  ...codes({ category: 'storage', problem: 'has no such bucket', retryable: false }, ['NoSuchBucket']),
  ...codes({ category: 'network', problem: 'lost the connection' }, ['RequestTimeout', 'IncompleteBody']),
}

function codes(verdict: Verdict, names: readonly string[]): Record<string, Verdict> {
  return Object.fromEntries(names.map((name) => [name, verdict]))
}

/** The trouble as a Failure. Its cause names status and code alone: errors of the clients hold URLs and signatures. */
export function bucketFailure(trouble: BucketTrouble): Failure {
  const { status, code, retryAfter } = trouble
  const { category, problem, retryable } = verdictOf(trouble)
  const answer = status === undefined ? '' : ` (HTTP ${status})`
  return new Failure(category, `the image storage ${problem}${answer}`, {
    cause: new StorageError(status, code),
    retryAfterMs: retryAfterMs(retryAfter ?? null, Date.now()),
    ...(retryable === undefined ? {} : { retryable }),
  })
}

function verdictOf({ status, code, withoutCredentials }: BucketTrouble): Verdict {
  if (withoutCredentials)
    return { category: 'auth', problem: 'cannot be used: there are no credentials for it' }
  const byCode = code === undefined ? undefined : BY_CODE[code]
  return byCode ?? (status === undefined ? unanswered(code) : byStatus(status))
}

function byStatus(status: number): Verdict {
  if (status === 401 || status === 403) return { category: 'auth', problem: 'refused the credentials' }
  if (status === 402 || status === 507) return { category: 'quota', problem: 'has no room or no credit left' }
  if (status === 404) return { category: 'storage', problem: 'has no such bucket', retryable: false }
  if (status === 429) return { category: 'rate_limited', problem: 'asked to slow down' }
  if (status === 408 || status >= 500) return { category: 'server', problem: 'failed' }
  if (status >= 400) return { category: 'storage', problem: 'refused the request', retryable: false }
  return { category: 'storage', problem: 'gave an answer that is none', retryable: false }
}

function unanswered(code: string | undefined): Verdict {
  if (code !== undefined && /TIMEOUT|TIMEDOUT/i.test(code)) {
    return { category: 'timeout', problem: 'did not answer in time' }
  }
  return isConnectionCode(code)
    ? { category: 'network', problem: 'could not be reached, or the connection broke' }
    : { category: 'storage', problem: 'could not be used' }
}

const CONNECTION_CODES = new Set<unknown>([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
])

/** Whether a code says that a connection could not be made, or broke. */
export function isConnectionCode(code: string | undefined): boolean {
  return CONNECTION_CODES.has(code)
}

/** Foreign codes are shown when they look like codes. */
const CODE = /^[\w.-]{1,64}$/

/** What is left of a client's error. */
class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: string

  constructor(status: number | undefined, code: string | undefined) {
    const known = code !== undefined && CODE.test(code) ? code : 'unknown'
    super(`code ${known}, HTTP status ${status ?? 'none'}`)
    this.code = known
  }
}
