import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Failure } from '../../processors/failure.ts'
import type { ImageFile, StoredObject } from '../../processors/services.ts'
import { FolderThread } from './folder-thread.ts'
import { tooLarge, type ImageStorage } from './image-storage.ts'
import { ObjectAddresses } from './object-addresses.ts'

const TIMEOUT_MS = 30_000

export type FolderOptions = {
  /** Leads to the folder as well, by way of a web server; without it, image URLs are `file:` URLs. */
  readonly publicBaseUrl?: string | null
  /** Bound of one call. */
  readonly timeoutMs?: number
}

/** Images as files below one folder, on which a thread of its own works. */
export class LocalFiles implements ImageStorage {
  readonly #addresses: ObjectAddresses
  readonly #thread: FolderThread

  /** `url` is a `file:` URL of a folder, which is made when the first image is stored. */
  constructor(url: string, { publicBaseUrl = null, timeoutMs = TIMEOUT_MS }: FolderOptions = {}) {
    const root = resolve(fileURLToPath(url))
    const own = pathToFileURL(root).href
    this.#addresses = new ObjectAddresses(publicBaseUrl ?? own, own)
    this.#thread = new FolderThread(root, timeoutMs)
  }

  async tryOut(): Promise<void> {
    await this.#thread.call({ call: 'tryOut' })
  }

  /** What is being written when the signal aborts is still written to its end. */
  async put(
    path: string,
    { bytes, isGivenAway = false }: ImageFile,
    signal: AbortSignal,
  ): Promise<StoredObject> {
    signal.throwIfAborted()
    try {
      await this.#thread.call({ call: 'put', path, bytes, isGivenAway })
    } catch (error) {
      signal.throwIfAborted()
      throw failureOf(error, 'the image could not be written to local storage')
    }
    return { path, url: this.#addresses.urlOf(path) }
  }

  async keepOnly(folder: string, paths: readonly string[]): Promise<void> {
    try {
      await this.#thread.call({ call: 'keepOnly', folder, paths })
    } catch (error) {
      throw failureOf(error, 'old images could not be removed from local storage')
    }
  }

  pathOf(url: string): string | null {
    return this.#addresses.pathOf(url)
  }

  async get(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null> {
    signal.throwIfAborted()
    let content
    try {
      content = await this.#thread.call({ call: 'get', path, maxBytes })
    } catch (error) {
      signal.throwIfAborted()
      throw failureOf(error, 'the image could not be read from local storage')
    }
    if (typeof content === 'number') throw new Failure('invalid_image', tooLarge(maxBytes))
    return content
  }

  /** Does not resolve while a call of the file system hangs. */
  close(): Promise<void> {
    return this.#thread.close()
  }
}

function failureOf(error: unknown, message: string): Failure {
  return error instanceof Failure ? error : new Failure('storage', message, { cause: error })
}
