const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const MAX_STEPS = 8

/** Distances between ticks that are easy to count in. */
const STEPS_MS = [
  [1, 2, 5, 10, 20, 50, 100, 200, 500],
  [1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  [1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  [1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR_MS),
].flat()

export type Tick = { readonly atMs: number; readonly label: string }

/** Ticks from 0 to `spanMs`, at most nine of them, all in one unit. */
export function axisTicks(spanMs: number): Tick[] {
  const stepMs =
    STEPS_MS.find((step) => spanMs / step <= MAX_STEPS) ?? Math.ceil(spanMs / MAX_STEPS / DAY_MS) * DAY_MS
  const [unit, unitMs] = unitOf(spanMs, stepMs)
  const decimals = stepMs < unitMs ? 1 : 0
  return Array.from({ length: Math.floor(spanMs / stepMs) + 1 }, (_, index) => {
    const atMs = index * stepMs
    return { atMs, label: index === 0 ? '0' : `${(atMs / unitMs).toFixed(decimals)} ${unit}` }
  })
}

function unitOf(spanMs: number, stepMs: number): [string, number] {
  if (spanMs < SECOND_MS) return ['ms', 1]
  if (stepMs < MINUTE_MS) return ['s', SECOND_MS]
  if (stepMs < HOUR_MS) return ['min', MINUTE_MS]
  return stepMs < DAY_MS ? ['h', HOUR_MS] : ['d', DAY_MS]
}
