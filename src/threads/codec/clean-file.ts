import type { EncodedImage, OutputFormat } from '../protocol.ts'
import { writePlainPng, type PlainPng } from './plain-png.ts'

/** Levels for which a file that came compressed is as good as a new one: 0 asks for none, 8 and 9 for the smallest. */
const MAX_LEVEL = 7

/**
 * The file that a picture came in without all that is not needed for its pixels, where it can be stored in place of a new one:
 * it is a PNG as asked for, and whoever wrote it took some trouble to make it small.
 */
export function cleanFile(png: PlainPng, format: OutputFormat): EncodedImage | undefined {
  if (format.type !== 'png' || format.compressionLevel === 0 || format.compressionLevel > MAX_LEVEL)
    return undefined
  if (png.effort === 0) return undefined
  const bytes = writePlainPng(png)
  if (bytes.length > png.pixels.length) return undefined
  return { bytes, contentType: 'image/png', width: png.width, height: png.height }
}
