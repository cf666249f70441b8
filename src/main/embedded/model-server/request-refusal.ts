/** A request that is answered with an error status. The message is shown to the client. */
export class RequestRefusal extends Error {
  readonly status: 400 | 404 | 405 | 413 | 415
  /** Methods that the address knows, for 405. */
  readonly allow: string | undefined

  constructor(
    status: RequestRefusal['status'],
    message: string,
    { allow, cause }: { allow?: string; cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.name = 'RequestRefusal'
    this.status = status
    this.allow = allow
  }
}
