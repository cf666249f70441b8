/** What the worker needs of an object store; each kind of store has its own. Every call stops when `signal` aborts. */
export interface Bucket {
  /** URLs that lead to the bucket; the first is the one for readers. */
  readonly urls: readonly [string, ...string[]]
  /** Replaces an object as a whole. */
  write(key: string, content: BucketContent, signal: AbortSignal): Promise<void>
  /** Null where there is no such object; `too large` beyond the limit, without reading on. */
  read(key: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | 'too large' | null>
  /** All keys that begin with the prefix. */
  list(prefix: string, signal: AbortSignal): Promise<readonly string[]>
  /** It is no error that there is no such object. */
  remove(key: string, signal: AbortSignal): Promise<void>
  /** A URL with which anybody can read the object for a time. */
  sign(key: string, lifetimeMs: number): Promise<string>
  /** What went wrong, in terms that all stores share. */
  troubleOf(error: unknown): BucketTrouble
  close(): void
}

export type BucketContent = {
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly cacheControl: string
}

/** An error of a store, reduced to what is safe to show and to log. */
export type BucketTrouble = {
  /** HTTP status of the answer, if there was one. */
  readonly status?: number | undefined
  /** The store's or the system's own code, such as `NoSuchBucket` or `ECONNRESET`. */
  readonly code?: string | undefined
  readonly retryAfter?: string | null | undefined
  /** No credentials were found, or none could be had. */
  readonly withoutCredentials?: boolean
}
