import { inSeconds } from './bounds.ts'
import type { Duration, SubscriptionResource } from './wire.ts'

/** Doubles from the minimum to the maximum backoff; no policy means at once. */
export function retryBackoffMs(policy: SubscriptionResource['retryPolicy'], failures: number): number {
  if (!policy) return 0
  return Math.min(
    milliseconds(policy.minimumBackoff) * 2 ** (failures - 1),
    milliseconds(policy.maximumBackoff),
  )
}

function milliseconds(duration: Duration | null): number {
  return duration ? inSeconds(duration) * 1_000 : 0
}
