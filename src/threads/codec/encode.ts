import sharp, { type Sharp } from 'sharp'
import type { EncodedImage, OutputFormat } from '../protocol.ts'

/** Interleaved 8-bit sRGB pixels, in own or in shared memory. */
export type Raster = {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  readonly pixels: Uint8Array
}

/**
 * Encodes pixels. The bytes lie in an ArrayBuffer of their own, so that they can be transferred to another
 * thread. The same pixels and format give the same bytes.
 */
export async function encodeRaster(raster: Raster, format: OutputFormat): Promise<EncodedImage> {
  const { width, height, channels } = raster
  const source = sharp(raster.pixels, { raw: { width, height, channels }, limitInputPixels: width * height })
  const { data, info } = await withFormat(source, format).toUint8Array()
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

/** The bytes in an ArrayBuffer that holds nothing else; sharp promises one, the type does not say so. */
export function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes)
}
