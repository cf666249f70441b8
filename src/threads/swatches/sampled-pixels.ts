import type { Raster } from '../codec/raster.ts'

/** RGBA pixels taken from an image at regular distances. */
export type SampledPixels = {
  readonly width: number
  readonly height: number
  /** Four bytes a pixel; alpha is 255 for pixels that count and 0 for those to ignore. */
  readonly rgba: Uint8ClampedArray
  readonly countedPixels: number
}

/** From this alpha on a pixel's colour can be seen well enough to count. */
const MIN_VISIBLE_ALPHA = 128

/**
 * Takes every n-th pixel of every n-th row, so that no side is longer than `maxSidePx`. Pixels are taken as
 * they are and not averaged: a mean across an edge would be a colour that the image does not have.
 */
export function samplePixels(image: Raster, maxSidePx: number): SampledPixels {
  const { channels } = image
  const source = image.pixels
  const stride = Math.max(1, Math.ceil(Math.max(image.width, image.height) / maxSidePx))
  // Half a stride in from the border: frames and rounded corners are no part of the picture's colours.
  const start = stride >> 1
  const width = Math.max(1, Math.ceil((image.width - start) / stride))
  const height = Math.max(1, Math.ceil((image.height - start) / stride))
  const rgba = new Uint8ClampedArray(width * height * 4)
  let countedPixels = 0
  for (let row = 0, to = 0; row < height; row++) {
    const y = Math.min(image.height - 1, start + row * stride)
    for (let column = 0; column < width; column++, to += 4) {
      const x = Math.min(image.width - 1, start + column * stride)
      const from = (y * image.width + x) * channels
      rgba[to] = source[from]!
      rgba[to + 1] = source[from + 1]!
      rgba[to + 2] = source[from + 2]!
      if (channels === 3 || source[from + 3]! >= MIN_VISIBLE_ALPHA) {
        rgba[to + 3] = 255
        countedPixels++
      }
    }
  }
  return { width, height, rgba, countedPixels }
}
