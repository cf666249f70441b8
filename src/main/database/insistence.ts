import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseError } from 'pg'

const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 1_000

/**
 * Connections that break, a server that is starting or stopping, one that has become a standby, one that has no
 * connection left, and a transaction that gave way to another.
 */
const PASSING = /^(08|57P0[123]|25006|53|40)/

/**
 * Does the work again for as long as Postgres is away, for at most `patienceMs`. From the second time on `again` is
 * true: what was done before may have been committed although no answer came.
 */
export function insist<T>(patienceMs: number, work: (again: boolean) => Promise<T>): Promise<T> {
  const giveUpAtMs = performance.now() + patienceMs
  return work(false).catch((error: unknown) => insistAfter(error, giveUpAtMs, work))
}

async function insistAfter<T>(
  error: unknown,
  giveUpAtMs: number,
  work: (again: boolean) => Promise<T>,
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    const waitMs = pauseMs * (0.5 + Math.random() / 2)
    if (!mayPass(error) || performance.now() + waitMs > giveUpAtMs) throw error
    await delay(waitMs)
    try {
      return await work(true)
    } catch (later) {
      error = later
    }
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof DatabaseError ? isAway(error) : error instanceof Error
}

/** Whether Postgres says that it cannot serve now and may be able to later. */
export function isAway(error: unknown): boolean {
  return error instanceof DatabaseError && PASSING.test(error.code ?? '')
}
