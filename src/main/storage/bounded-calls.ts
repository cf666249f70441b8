import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../../processors/failure.ts'

const MAX_ATTEMPTS = 3
const FIRST_WAIT_MS = 100
/** What asks for more patience than this is left to the task's own next attempt, which holds no place meanwhile. */
const MAX_WAIT_MS = 2_000

/**
 * Calls of a service that end: within one deadline, whatever they wait for, and at once when the caller's signal aborts.
 * What may pass is tried again within it, as often here as everywhere, so the clients' own retries are to be off.
 */
export class BoundedCalls {
  readonly #timeoutMs: number
  readonly #failureOf: (error: unknown) => Failure

  constructor(timeoutMs: number, failureOf: (error: unknown) => Failure) {
    this.#timeoutMs = timeoutMs
    this.#failureOf = failureOf
  }

  /** Answers what `call` does. Throws a Failure, or the caller's own reason once its signal is aborted. */
  async run<T>(signal: AbortSignal | null, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort(new Failure('timeout', `the image storage did not answer within ${this.#timeoutMs} ms`))
    }, this.#timeoutMs)
    const ending = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal
    const settled = new AbortController()
    try {
      return await Promise.race([this.#attempts(ending, call), abortOf(ending, settled.signal)])
    } finally {
      clearTimeout(timer)
      settled.abort()
    }
  }

  async #attempts<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call(signal)
      } catch (error) {
        signal.throwIfAborted()
        const failure = error instanceof Failure ? error : this.#failureOf(error)
        const waitMs = failure.retryAfterMs ?? FIRST_WAIT_MS * 2 ** attempt * Math.random()
        if (!failure.retryable || attempt === MAX_ATTEMPTS || waitMs > MAX_WAIT_MS) throw failure
        await wait(waitMs, undefined, { signal })
      }
    }
  }
}

/** Rejects with the signal's reason: not every client stops by itself. Listens until `settled` aborts. */
function abortOf(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true, signal: settled })
  })
}
