/** Keys that are remembered; the oldest go first. */
const MAX_KEYS = 100_000
const MAX_KEY_CHARACTERS = 200

export type CallCount = {
  /** What the caller sent as `Idempotency-Key`. */
  readonly key: string
  readonly received: number
  /** Those of them that got a result: what a provider would bill. */
  readonly answered: number
  readonly firstAt: string
  readonly lastAt: string
}

/** Counts calls by the key that they carry, so that a test or an operator can see what was asked for twice. */
export class CallCounts {
  readonly #counts = new Map<string, { -readonly [K in keyof CallCount]: CallCount[K] }>()

  /** Notes a call that has come in; the function it answers notes its result. Calls without a key are not counted. */
  receive(header: string | readonly string[] | undefined): () => void {
    if (typeof header !== 'string' || header === '') return () => undefined
    const key = header.slice(0, MAX_KEY_CHARACTERS)
    const now = new Date().toISOString()
    const count = this.#counts.get(key) ?? { key, received: 0, answered: 0, firstAt: now, lastAt: now }
    count.received++
    count.lastAt = now
    this.#counts.set(key, count)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MAX_KEYS && oldest !== undefined) this.#counts.delete(oldest)
    return () => {
      count.answered++
    }
  }

  /** In the order of their first calls. */
  list(): CallCount[] {
    return [...this.#counts.values()]
  }
}
