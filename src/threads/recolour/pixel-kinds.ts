import type { SharedImage } from '../protocol.ts'

/** Pixels between the two that are compared, and the part difference (0 to 255) that makes an edge. */
const SPAN_PX = 2
const EDGE_STEP = 14

/** What a pixel is part of. */
export const PixelKind = { flat: 0, edge: 1, hidden: 2 } as const

/**
 * Tells for every pixel whether its neighbourhood is flat or smoothly shaded, or an edge, or hidden by
 * transparency: one byte of PixelKind a pixel.
 */
export function classifyPixels(image: SharedImage, colourOfPixel: Uint16Array, rgb: Uint32Array): Uint8Array {
  const { width, height, channels } = image
  const kinds = new Uint8Array(width * height)
  const source = new Uint8Array(image.pixels)
  for (let y = 0, pixel = 0; y < height; y++) {
    const up = Math.min(y, SPAN_PX) * width
    const down = Math.min(height - 1 - y, SPAN_PX) * width
    for (let x = 0; x < width; x++, pixel++) {
      const left = colourOfPixel[pixel - Math.min(x, SPAN_PX)]!
      const right = colourOfPixel[pixel + Math.min(width - 1 - x, SPAN_PX)]!
      const above = colourOfPixel[pixel - up]!
      const below = colourOfPixel[pixel + down]!
      if (
        (left !== right && partDifference(rgb[left]!, rgb[right]!) >= EDGE_STEP) ||
        (above !== below && partDifference(rgb[above]!, rgb[below]!) >= EDGE_STEP)
      ) {
        kinds[pixel] = PixelKind.edge
      }
    }
  }
  if (channels === 4) {
    for (let pixel = 0; pixel < kinds.length; pixel++) {
      if (source[pixel * 4 + 3]! < 128) kinds[pixel] = PixelKind.hidden
    }
  }
  return kinds
}

/** The largest difference of a part between two colours, 0 to 255. */
export function partDifference(one: number, other: number): number {
  const red = Math.abs((one >> 16) - (other >> 16))
  const green = Math.abs(((one >> 8) & 255) - ((other >> 8) & 255))
  const blue = Math.abs((one & 255) - (other & 255))
  return Math.max(red, green, blue)
}
