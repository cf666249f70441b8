import { randomUUID } from 'node:crypto'
import { Failure } from '../../processors/failure.ts'
import type { ImageFile, StoredObject } from '../../processors/services.ts'
import { BoundedCalls } from './bounded-calls.ts'
import type { Bucket, BucketContent } from './bucket.ts'
import { bucketFailure } from './bucket-failure.ts'
import { tooLarge, type ImageStorage } from './image-storage.ts'
import { ObjectAddresses } from './object-addresses.ts'

/** An image of a completed task never changes, and before that nobody has its URL. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable'

export type BucketImagesOptions = {
  /** What all keys begin with; empty, or with a slash at its end. */
  readonly prefix: string
  /** Leads to what the prefix names; null: URLs lead to the bucket itself. */
  readonly publicBaseUrl: string | null
  /** Null: URLs are not signed. */
  readonly signedUrlLifetimeMs: number | null
  /** For one call, with everything that is tried again. */
  readonly timeoutMs: number
}

/**
 * Images as objects of a bucket. An object is there as a whole or not at all: that is what the stores promise. A path
 * is the key without the prefix.
 */
export class BucketImages implements ImageStorage {
  readonly #bucket: Bucket
  readonly #calls: BoundedCalls
  readonly #addresses: ObjectAddresses
  readonly #options: BucketImagesOptions

  constructor(bucket: Bucket, options: BucketImagesOptions) {
    this.#bucket = bucket
    this.#calls = new BoundedCalls(options.timeoutMs, (error) => bucketFailure(bucket.troubleOf(error)))
    const [first, ...others] = bucket.urls.map((url) => `${url}/${options.prefix}`)
    this.#addresses = new ObjectAddresses(options.publicBaseUrl ?? first ?? '', first ?? '', ...others)
    this.#options = options
  }

  async put(path: string, image: ImageFile, signal: AbortSignal): Promise<StoredObject> {
    const { bytes, contentType } = image
    await this.#write(path, { bytes, contentType, cacheControl: CACHE_CONTROL }, signal)
    return { path, url: await this.#urlOf(path, signal) }
  }

  async get(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const bytes = await this.#calls.run(signal, (signal) =>
      this.#bucket.read(this.#key(path), maxBytes, signal),
    )
    if (bytes === 'too large') throw new Failure('invalid_image', tooLarge(maxBytes))
    return bytes
  }

  async keepOnly(folder: string, paths: readonly string[]): Promise<void> {
    const kept = new Set(paths.map((path) => this.#key(path)))
    const keys = await this.#calls.run(null, (signal) => this.#bucket.list(this.#key(folder), signal))
    await Promise.all(keys.filter((key) => !kept.has(key)).map((key) => this.#remove(key)))
  }

  pathOf(url: string): string | null {
    return this.#addresses.pathOf(url)
  }

  async tryOut(): Promise<void> {
    const path = `trial.${randomUUID()}.tmp`
    const { signal } = new AbortController()
    const bytes = new Uint8Array(1)
    await this.#write(
      path,
      { bytes, contentType: 'application/octet-stream', cacheControl: 'no-store' },
      signal,
    )
    try {
      await this.#urlOf(path, signal)
      const read = await this.get(path, bytes.byteLength, signal)
      if (read?.byteLength !== bytes.byteLength) {
        throw new Failure('storage', 'the image storage does not give back what it took', {
          retryable: false,
        })
      }
    } finally {
      await this.keepOnly(path, [])
    }
  }

  async close(): Promise<void> {
    this.#bucket.close()
  }

  #write(path: string, content: BucketContent, signal: AbortSignal): Promise<void> {
    return this.#calls.run(signal, (signal) => this.#bucket.write(this.#key(path), content, signal))
  }

  #remove(key: string): Promise<void> {
    return this.#calls.run(null, (signal) => this.#bucket.remove(key, signal))
  }

  async #urlOf(path: string, signal: AbortSignal): Promise<string> {
    const { signedUrlLifetimeMs } = this.#options
    if (signedUrlLifetimeMs === null) return this.#addresses.urlOf(path)
    return this.#calls.run(signal, () => this.#bucket.sign(this.#key(path), signedUrlLifetimeMs))
  }

  #key(path: string): string {
    return this.#options.prefix + path
  }
}
