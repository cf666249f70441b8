import { invalidArgument } from './status-error.ts'
import type { Duration } from './wire.ts'

export const MIN_ACK_DEADLINE_S = 10
export const MAX_ACK_DEADLINE_S = 600
const MIN_RETENTION_S = 10 * 60
const MAX_RETENTION_S = 31 * 24 * 60 * 60

/** Throws INVALID_ARGUMENT naming the field unless the value is within both bounds. */
export function checkBounds(field: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return
  const range = max === Infinity ? `at least ${min}` : `${min} to ${max}`
  throw invalidArgument(`${field} must be ${range}, not ${value}`)
}

/** Of a topic or a subscription; here it has no effect, messages are kept until they are acknowledged. */
export function checkRetention(retention: Duration | null): void {
  if (retention)
    checkBounds('message_retention_duration', inSeconds(retention), MIN_RETENTION_S, MAX_RETENTION_S)
}

export function inSeconds(duration: Duration): number {
  return duration.seconds + duration.nanos / 1e9
}
