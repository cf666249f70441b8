import { pipeline, type Readable, type Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** What answers may come in. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br'

/** What is missing at the end of a stream is the JSON's or the image's to find out. */
const ZLIB = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
const BROTLI = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
}

/**
 * The body as it was before its transfer. One whose encoding is not known is left as it is: it will be no image. So is one
 * of several encodings, which a header could name by the thousand, each with memory and time of its own.
 */
export function decompressed(body: Readable, encoding = ''): Readable {
  const decoder = decoderOf(encoding)
  return decoder ? pipeline(body, decoder, () => undefined) : body
}

function decoderOf(encoding: string): Transform | null {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(ZLIB)
    case 'deflate':
      return createInflate(ZLIB)
    case 'br':
      return createBrotliDecompress(BROTLI)
    default:
      return null
  }
}
