import { encodeRaster } from '../codec/encode.ts'
import type { EncodedImage, JobInput } from '../protocol.ts'
import { takeOutput } from './output-buffer.ts'
import { colourNodes, recolour } from './variation.ts'
import { writeVariationFile } from './variation-file.ts'

/**
 * Makes one variation and encodes it: by the outline of its file where the analysis has one, which is for variations of that
 * kind alone, else pixel by pixel.
 */
export async function encodeVariation({
  image,
  regions,
  colors,
  strength,
  format,
}: JobInput<'createVariation'>): Promise<EncodedImage> {
  const { width, height, channels } = image
  if (!regions.outline) {
    // A thread does one job at a time, so that the memory of one result serves all.
    const target = takeOutput(width * height * channels)
    return encodeRaster(recolour(image, regions, colors, strength, target), format)
  }
  if (format.type !== 'png' || strength < 1) {
    throw new Error('expected a variation of the kind that the image was analysed for')
  }
  colourNodes(image, regions, colors)
  const bytes = writeVariationFile(width, height, regions.outline)
  return { bytes, contentType: 'image/png', width, height }
}
