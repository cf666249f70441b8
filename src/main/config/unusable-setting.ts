/** `wrong`: somebody has to change the environment. `unreachable`: what it names may be there later. */
export type Unusable = 'wrong' | 'unreachable'

/**
 * A variable has the right form, but what it names cannot be used. The message is one line that names the variable
 * and what is expected of it; what the other side said stays in the cause, where it may hold a secret.
 */
export class UnusableSetting extends Error {
  override readonly name = 'UnusableSetting'
  readonly kind: Unusable

  /** `setting` is the variable's name, with `=` and its value where that may be shown. */
  constructor(setting: string, problem: string, kind: Unusable, options?: ErrorOptions) {
    super(`${setting}: ${problem}`, options)
    this.kind = kind
  }
}

/** What may pass by itself: the disk is full, the device sick, the process out of file handles, the server away. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'EBUSY', 'ETIMEDOUT'])

/** What a file system's error says of the folder that a variable names: its code, and whether it may pass. */
export function folderTrouble(error: unknown): { readonly code: string; readonly kind: Unusable } {
  const given = codeOf(error)
  const code = typeof given === 'string' ? given : 'unknown'
  return { code, kind: PASSING.has(code) ? 'unreachable' : 'wrong' }
}

/** Node's codes of a connection that could not be made, or broke. */
const UNREACHABLE = new Set<unknown>([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
])
/** gRPC's DEADLINE_EXCEEDED and UNAVAILABLE. */
const UNANSWERED_CALL = new Set<unknown>([4, 14])

/** Whether an error says that the other side of a connection is not there. */
export function isUnreachable(error: unknown): boolean {
  const code = codeOf(error)
  return UNREACHABLE.has(code) || UNANSWERED_CALL.has(code)
}

/** The error's code; a connection that failed on several addresses has it one level down. */
export function codeOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? error.code : undefined
}
