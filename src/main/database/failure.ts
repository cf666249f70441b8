import { Failure } from '../../processors/failure.ts'

/** Any error of a query as a Failure; Postgres' own text may quote data, so it stays in the cause. */
export function databaseFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure('database', 'Postgres did not answer the query', { cause: error })
}
