import type { ImageErrorCode } from './protocol.ts'

/**
 * An image that a thread refuses. Crosses to the main thread as a code and a message, so the message must be
 * safe to show: it names the limit or the expected form, never a path.
 */
export class ImageError extends Error {
  readonly code: ImageErrorCode

  constructor(code: ImageErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.name = 'ImageError'
    this.code = code
  }
}
