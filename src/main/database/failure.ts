import { DatabaseError } from 'pg'
import { Failure } from '../../processors/failure.ts'

/** Any error of a query as a Failure; Postgres' own text may quote data, so it stays in the cause. */
export function databaseFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const message =
    error instanceof DatabaseError
      ? `Postgres refused the query (${error.code ?? 'without a code'})`
      : 'Postgres did not answer the query'
  return new Failure('database', message, { cause: error })
}

/** Postgres, or whatever listens at its address, took the connection and then said nothing, or hung up. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  readonly code = 'ETIMEDOUT'
}

/**
 * Says so where an error means that no answer came. Errors of Postgres and of the network have a code; what the driver
 * finds out by waiting, or by being cut off, is a plain Error without one.
 */
export function nameNoAnswer(error: unknown): unknown {
  if (!(error instanceof Error) || error.constructor !== Error || 'code' in error) return error
  return new NoAnswerError('Postgres takes connections but does not answer', { cause: error })
}
