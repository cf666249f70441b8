import { status, type Metadata } from '@grpc/grpc-js'

/** An answer other than OK: what gRPC sends as status code, text and trailing metadata. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: status
  readonly details: string
  readonly metadata?: Metadata

  /** What the details quote of a request may be cut within a character, which gRPC could not encode. */
  constructor(code: status, details: string, metadata?: Metadata) {
    super(details)
    this.code = code
    this.details = details.toWellFormed()
    if (metadata) this.metadata = metadata
  }
}

export const invalidArgument = (details: string) => new StatusError(status.INVALID_ARGUMENT, details)
export const notFound = (details: string) => new StatusError(status.NOT_FOUND, details)
export const alreadyExists = (details: string) => new StatusError(status.ALREADY_EXISTS, details)
export const unimplemented = (details: string) => new StatusError(status.UNIMPLEMENTED, details)
export const unavailable = (details: string) => new StatusError(status.UNAVAILABLE, details)

/** Any thrown value as an answer; what was not meant as one says no more than INTERNAL. */
export function toStatusError(error: unknown): StatusError {
  return error instanceof StatusError ? error : new StatusError(status.INTERNAL, 'internal error')
}
