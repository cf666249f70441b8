import { CommandError, EXIT } from './commands/exit-codes.ts'

export const TOO_FEW_PROCESSES =
  'more processes and threads may be needed than are allowed (ulimit -u, TasksMax=)'

/**
 * What to say of an error that comes, in the end, of a limit of the process or its user, and the exit code; undefined for
 * any other. The limit of open files is the process's own, so that to try again does not help.
 */
export function limitReached(error: unknown): CommandError | undefined {
  // An error may be, in the end, its own cause. What is added to a set while it is walked through comes as well.
  const causes = new Set([error])
  for (const cause of causes) {
    if (!(cause instanceof Error)) continue
    const limit = 'code' in cause ? limitOf(cause, cause.code) : undefined
    if (limit) return limit
    causes.add(cause.cause)
    if (cause instanceof AggregateError) for (const one of cause.errors) causes.add(one)
  }
  return undefined
}

function limitOf(error: Error, code: unknown): CommandError | undefined {
  const { message } = error
  const isThread = code === 'ERR_WORKER_INIT_FAILED'
  if (code === 'EMFILE' || (isThread && message.includes('EMFILE'))) {
    const problem =
      'this process may not open as many files as it needs (EMFILE): raise its limit to 1024 at least (ulimit -n, LimitNOFILE=)'
    return new CommandError(problem, EXIT.config, { cause: error })
  }
  if (!isThread) return undefined
  return new CommandError(`a thread could not be made: ${TOO_FEW_PROCESSES}`, EXIT.unavailable, {
    cause: error,
  })
}
