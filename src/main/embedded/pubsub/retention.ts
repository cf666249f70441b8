import { invalidArgument } from './status-error.ts'
import type { Duration } from './wire.ts'

const MIN_RETENTION_S = 10 * 60
const MAX_RETENTION_S = 31 * 24 * 60 * 60

/** The protocol's bounds; the messages themselves are kept until they are acknowledged. */
export function checkRetention(retention: Duration | null): void {
  if (!retention || (retention.seconds >= MIN_RETENTION_S && retention.seconds <= MAX_RETENTION_S)) return
  throw invalidArgument(
    `message_retention_duration must be ${MIN_RETENTION_S} s to ${MAX_RETENTION_S} s, not ${retention.seconds} s`,
  )
}
