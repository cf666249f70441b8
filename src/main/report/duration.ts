const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** A length of time as a person reads it: `4.2 ms`, `812 ms`, `3.4 s`, `2 min 5 s`, `1 h 3 min`. */
export function formatDuration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < MINUTE_MS - 50) return `${(ms / SECOND_MS).toFixed(1)} s`
  if (ms < HOUR_MS - SECOND_MS / 2) return inUnits(Math.round(ms / SECOND_MS), 'min', 's')
  return inUnits(Math.round(ms / MINUTE_MS), 'h', 'min')
}

/** `count` of the smaller unit, 60 of which are one of the larger. */
function inUnits(count: number, larger: string, smaller: string): string {
  const rest = count % 60
  return `${Math.floor(count / 60)} ${larger}${rest === 0 ? '' : ` ${rest} ${smaller}`}`
}

/** A measured time in full: milliseconds with one decimal. */
export function formatExactMs(ms: number): string {
  return `${ms.toFixed(1)} ms`
}
