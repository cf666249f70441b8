import { Failure, type FailureCategory } from '../../processors/failure.ts'
import { HttpStatus } from './response-failure.ts'

/** A Failure as data: a structured clone makes a plain Error of it. */
export type PlainFailure = {
  readonly category: FailureCategory
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly stack: string | undefined
  readonly cause: PlainCause | null
}

/** What the log shows of a cause. */
type PlainCause = {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  /** Of an answer that was not 2xx. */
  readonly status: number | undefined
  readonly cause: PlainCause | null
}

/** More of them the log does not show either. */
const MAX_CAUSES = 5

/** Stands for an error of another thread. */
class ForeignError extends Error {
  declare readonly code?: string

  constructor({ name, message, stack, code, cause }: PlainCause) {
    super(message, cause === null ? undefined : { cause: causeOf(cause) })
    this.name = name
    if (code !== undefined) this.code = code
    if (stack === undefined) delete this.stack
    else this.stack = stack
  }
}

export function toPlain({ category, message, retryable, retryAfterMs, stack, cause }: Failure): PlainFailure {
  return { category, message, retryable, retryAfterMs, stack, cause: plainCause(cause, 1) }
}

export function fromPlain({ category, message, stack, cause, ...rest }: PlainFailure): Failure {
  const failure = new Failure(category, message, {
    ...rest,
    ...(cause === null ? {} : { cause: causeOf(cause) }),
  })
  if (stack !== undefined) failure.stack = stack
  return failure
}

function plainCause(error: unknown, depth: number): PlainCause | null {
  if (!(error instanceof Error)) return null
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: 'code' in error ? String(error.code) : undefined,
    status: error instanceof HttpStatus ? error.status : undefined,
    cause: depth < MAX_CAUSES ? plainCause(error.cause, depth + 1) : null,
  }
}

function causeOf(plain: PlainCause): Error {
  return plain.status === undefined ? new ForeignError(plain) : new HttpStatus(plain.status)
}
