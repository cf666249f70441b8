import { setMaxListeners } from 'node:events'
import { abortWith } from './abort-link.ts'

/**
 * Runs several pieces of work at once. When one fails the others are told to stop through their signal, and
 * the first error is thrown only after all have ended: nothing goes on behind a task that has failed.
 */
export async function together<T extends readonly unknown[]>(
  signal: AbortSignal,
  works: { readonly [K in keyof T]: (signal: AbortSignal) => Promise<T[K]> },
): Promise<T> {
  const siblings = new AbortController()
  const unlink = abortWith(siblings, signal)
  // Each piece of work listens; a crowd of listeners is no leak here.
  setMaxListeners(0, siblings.signal)
  let first: { error: unknown } | undefined
  const results = await Promise.all(
    works.map(async (work: (signal: AbortSignal) => Promise<unknown>) => {
      try {
        return await work(siblings.signal)
      } catch (error) {
        first ??= { error }
        siblings.abort(error)
        return undefined
      }
    }),
  )
  unlink()
  if (first) throw first.error
  return results as unknown as T
}
