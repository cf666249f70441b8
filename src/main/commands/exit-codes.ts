/** Exit codes, as sysexits.h names them where it has one. */
export const EXIT = {
  ok: 0,
  /** The work itself did not succeed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 64,
  /** A file that was named cannot be used. */
  dataError: 65,
  /** A service that is needed does not answer. */
  unavailable: 69,
  /** The environment has mistakes. */
  config: 78,
  /** Stopped by a signal before its end. */
  interrupted: 130,
} as const

/** An error whose message is all that the user needs. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}
