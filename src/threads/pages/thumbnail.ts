import sharp from 'sharp'
import { ownBuffer, withFormat } from '../codec/encode.ts'
import type { EncodedImage } from '../protocol.ts'

/** A page shows many of these at once: small files matter more than the last bit of quality. */
const FORMAT = { type: 'webp', quality: 82, effort: 2 } as const

/**
 * A picture whose longer side has `sidePx` pixels; a smaller image keeps its size. Takes files that the
 * worker itself has encoded.
 */
export async function createThumbnail(encoded: Uint8Array, sidePx: number): Promise<EncodedImage> {
  const pipeline = sharp(encoded, { pages: 1 }).resize(sidePx, sidePx, {
    fit: 'inside',
    withoutEnlargement: true,
  })
  const { data, info } = await withFormat(pipeline, FORMAT).toBuffer({ resolveWithObject: true })
  return { bytes: ownBuffer(data), contentType: 'image/webp', width: info.width, height: info.height }
}
