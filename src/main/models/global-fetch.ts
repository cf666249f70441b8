import type { Fetch } from './bounded-fetch.ts'

/** By the signal of the call that they belong to. */
const replacements = new WeakMap<AbortSignal, Fetch>()
let isTakenOver = false

/** Files of the model client, as they stand in a stack. */
const CLIENT = /node_modules[\\/]@huggingface[\\/]inference[\\/]/

/**
 * From now on `replacement` is called in the place of the global `fetch` wherever that is given this signal: whatever
 * else the process does at the same time keeps its own.
 *
 * The model client takes a fetch for the call itself, and then goes on with the global one: it asks a provider's
 * queue, and it fetches whatever URL an answer names, each time with the signal of the call. A fetch of the client's
 * without such a signal would go unguarded, and is refused. (A global dispatcher of undici's would catch all that too,
 * but only up to Node 24: the fetch of Node 26 looks for a newer one. An AsyncLocalStorage would slow down every
 * promise of the process up to Node 22.)
 */
export function replaceGlobalFetch(signal: AbortSignal, replacement: Fetch): void {
  takeOver()
  replacements.set(signal, replacement)
}

/** Once a process. Without a replacement, the fetch that was there before is called as ever. */
function takeOver(): void {
  if (isTakenOver) return
  isTakenOver = true
  const original = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const replacement = init?.signal ? replacements.get(init.signal) : undefined
    if (replacement) return replacement(input, init)
    if (CLIENT.test(new Error().stack ?? '')) {
      throw new Error('expected the model client to name the call that it fetches for')
    }
    return original(input, init)
  }
}
