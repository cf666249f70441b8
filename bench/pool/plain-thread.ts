import { OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { encodeRaster } from '../../src/threads/codec/encode.ts'
import type { EncodedImage, PaletteColors } from '../../src/threads/protocol.ts'
import { analyseRegions } from '../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../src/threads/recolour/variation.ts'
import { decodeWithSharp } from './sharp-decoding.ts'

/** A thread of the plain pool: one variation from the file, with nothing shared between those of a task. */
export default async function createVariation({
  encoded,
  colors,
}: {
  readonly encoded: Uint8Array
  readonly colors: PaletteColors
}): Promise<EncodedImage> {
  const image = await decodeWithSharp(encoded)
  return encodeRaster(recolour(image, analyseRegions(image), colors, 1), OUTPUT_FORMAT)
}
