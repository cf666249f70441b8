/**
 * What to say of an error that comes of too low a limit of open files; undefined for any other. The limit is the
 * process's own, so that to try again does not help.
 */
export function openFilesProblem(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'EMFILE')) return undefined
  return 'this process may not open as many files as it needs (EMFILE): raise its limit to 1024 at least (ulimit -n, LimitNOFILE=)'
}
