import type { TaskLog } from '../../src/processors/services.ts'

export type LogLine = { readonly level: string; readonly message: string; readonly fields: object }

/** A log that keeps its lines, for tests that promise what an operator will read. */
export function recordedLog(): { log: TaskLog; lines: LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields })
  }
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } }
}
