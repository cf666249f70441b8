import sharp, { type Sharp } from 'sharp'
import type { EncodedImage, OutputFormat } from '../protocol.ts'
import type { Raster } from './raster.ts'

/**
 * Encodes pixels. The bytes lie in an ArrayBuffer of their own, so that they can be transferred to another
 * thread. The same pixels and format give the same bytes.
 */
export async function encodeRaster(raster: Raster, format: OutputFormat): Promise<EncodedImage> {
  const { width, height, channels } = raster
  const source = sharp(raster.pixels, { raw: { width, height, channels }, limitInputPixels: width * height })
  const { data, info } = await withFormat(source, format).toBuffer({ resolveWithObject: true })
  return {
    bytes: ownBuffer(data),
    contentType: format.type === 'png' ? 'image/png' : 'image/webp',
    width: info.width,
    height: info.height,
  }
}

/** Adds the output format to a pipeline. Adaptive PNG filters are off: they cost more than they save here. */
export function withFormat(pipeline: Sharp, format: OutputFormat): Sharp {
  switch (format.type) {
    case 'png':
      return pipeline.png({
        compressionLevel: format.compressionLevel,
        adaptiveFiltering: false,
        palette: false,
      })
    case 'webp':
      return pipeline.webp({ quality: format.quality, effort: format.effort, alphaQuality: 100 })
  }
}

/**
 * A copy in an ArrayBuffer of its own. sharp's Buffers cannot be transferred, and its `toUint8Array`, whose result can,
 * never frees the file that it was copied from (0.35.5).
 */
export function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
