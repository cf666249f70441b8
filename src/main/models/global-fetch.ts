import { AsyncLocalStorage } from 'node:async_hooks'
import type { Fetch } from './bounded-fetch.ts'

const replacements = new AsyncLocalStorage<Fetch>()
let isTakenOver = false

/**
 * Runs `work` with `replacement` in the place of the global `fetch`, for this work alone: whatever else the
 * process does at the same time keeps its own.
 *
 * The model client takes a fetch for the call itself, and then goes on with the global one: it asks a provider's
 * queue, and it fetches whatever URL an answer names. A global dispatcher of undici's would catch that too, but
 * only up to Node 24: the fetch of Node 26 looks for a newer one, and would go unguarded without a word.
 */
export function withGlobalFetch<T>(replacement: Fetch, work: () => Promise<T>): Promise<T> {
  takeOver()
  return replacements.run(replacement, work)
}

/** Once a process. Outside of such work the fetch that was there before is called as ever. */
function takeOver(): void {
  if (isTakenOver) return
  isTakenOver = true
  const original = globalThis.fetch
  globalThis.fetch = (input, init) => (replacements.getStore() ?? original)(input, init)
}
