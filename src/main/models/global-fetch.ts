import type { Fetch } from './bounded-fetch.ts'

/** By the signal of the call that they belong to. */
const replacements = new WeakMap<AbortSignal, Fetch>()

/**
 * From now on this thread's global `fetch` does what {@link replaceGlobalFetch} says, and refuses everything else: in
 * the thread that calls the models nobody but the model client uses it.
 *
 * The client takes a fetch for the call itself, and then goes on with the global one: it asks a provider's queue, and
 * it fetches whatever URL an answer names, each time with the signal of the call. (A global dispatcher of undici's would
 * catch all that too, but only up to Node 24: the fetch of Node 26 looks for a newer one.)
 */
export function guardGlobalFetch(): void {
  globalThis.fetch = async (input, init) => {
    const replacement = init?.signal ? replacements.get(init.signal) : undefined
    if (!replacement) throw new Error('expected the model client to name the call that it fetches for')
    return replacement(input, init)
  }
}

/** Wherever the global `fetch` is given this signal, `replacement` is called in its place. */
export function replaceGlobalFetch(signal: AbortSignal, replacement: Fetch): void {
  replacements.set(signal, replacement)
}
