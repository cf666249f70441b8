import { Failure } from '../../processors/failure.ts'
import { userFolder } from '../../processors/object-paths.ts'
import type { OriginalImages } from '../../processors/services.ts'
import { isWebUrl } from '../download/web-url.ts'
import type { ReadableStore } from './image-storage.ts'

/** Fetches from the network what is not in the store. */
export interface Download {
  fetch(url: string, signal: AbortSignal): Promise<Uint8Array>
}

/**
 * The image that a user's URL names. A URL of our own store is read from the store, and only by the image's
 * owner; a web address goes through the guarded download; everything else is refused.
 */
export class OriginalImageSource implements OriginalImages {
  readonly #store: ReadableStore
  readonly #download: Download
  readonly #maxBytes: number

  constructor(store: ReadableStore, download: Download, maxBytes: number) {
    this.#store = store
    this.#download = download
    this.#maxBytes = maxBytes
  }

  pathOf(url: string): string | null {
    return this.#store.pathOf(url)
  }

  async fetch(
    url: string,
    userId: string,
    signal: AbortSignal,
  ): Promise<{ bytes: Uint8Array; path: string | null }> {
    const path = this.#store.pathOf(url)
    if (path !== null) {
      const isOwn = path.startsWith(userFolder(userId))
      const bytes = isOwn ? await this.#read(path, signal) : null
      // The same answer for another's image as for one that is not there: nobody learns what others have.
      if (!bytes) throw new Failure('original_unavailable', 'original_image_url: there is no such image')
      return { bytes, path }
    }
    if (!isWebUrl(url)) {
      throw new Failure(
        'original_unavailable',
        'original_image_url: expected the URL of a stored image, or an http or https URL',
      )
    }
    return { bytes: await this.#download.fetch(url, signal), path: null }
  }
  async #read(path: string, signal: AbortSignal): Promise<Uint8Array | null> {
    try {
      return await this.#store.get(path, this.#maxBytes, signal)
    } catch (error) {
      if (!(error instanceof Failure) || error.category !== 'invalid_image') throw error
      throw new Failure('invalid_image', `original_image_url: ${error.message}`, { cause: error })
    }
  }
}
