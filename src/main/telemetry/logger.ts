import { pino, type DestinationStream, type Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { LogOutput } from './log-output.ts'

/** Of an error the log shows what helps to find it, and never what it carried: a prompt, a URL, a statement. */
const MAX_CAUSES = 5

/**
 * The structured log, one JSON object a line: messages are constant, variables are fields. It goes to standard
 * output unless another destination is given, and every line has the fields of `base`.
 */
export function createLogger(
  level: Config['logLevel'],
  destination: DestinationStream = new LogOutput(),
  base: Readonly<Record<string, unknown>> | null = null,
): Logger {
  const options = { level, base, serializers: { err: describeError } }
  return pino(options, destination)
}

type ErrorDescription = {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: ErrorDescription
}

/** Type, message, code, stack and causes of an error, and no other property of it. */
export function describeError(error: unknown, depth = 0): ErrorDescription | undefined {
  if (!(error instanceof Error)) return undefined
  const cause = depth < MAX_CAUSES ? describeError(error.cause, depth + 1) : undefined
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(depth === 0 && error.stack ? { stack: error.stack } : {}),
    ...(cause ? { cause } : {}),
  }
}
