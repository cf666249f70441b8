import type { ImageStore } from '../../processors/services.ts'

/** The part of an image store that knows and reads its own objects. */
export interface ReadableStore extends Pick<ImageStore, 'get'> {
  /** The object's path when the URL leads into this store, else null. A signature's query does not matter. */
  pathOf(url: string): string | null
}

/** Where images are stored: a folder or a bucket. */
export interface ImageStorage extends ImageStore, ReadableStore {
  /** Does what the worker will do, and leaves nothing. Throws the file system's error, or a Failure. */
  tryOut(): Promise<void>
  /** Ends what the store has open. End the calls in hand first. */
  close(): Promise<void>
}

/** What a store throws for an object that is larger than its reader takes. */
export function tooLarge(maxBytes: number): string {
  return `expected a stored image of at most ${maxBytes} bytes`
}
