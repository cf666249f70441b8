/** Embedded Postgres cannot run here. The message says why, and names the way to do without it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'

  constructor(problem: string, options?: ErrorOptions) {
    super(`${problem}\nSet DATABASE_URL to use a Postgres server of your own instead.`, options)
  }
}

/** What the error says; the last lines of standard error for a program that failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const output = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  return output ? lastLines(output) : error.message
}

const QUOTED_LINES = 10

export function lastLines(text: string): string {
  return text.trim().split('\n').slice(-QUOTED_LINES).join('\n')
}
