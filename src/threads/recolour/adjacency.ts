import { PixelKind } from './flatness.ts'
import type { MixedPixels } from './edges.ts'

/** How tones meet in the image: square matrices, row by row, symmetrical. */
export type Adjacency = {
  readonly size: number
  /** Share of all edge pixels that lie between the two tones, 0 to 1. */
  readonly edge: Float64Array
  /** Length of the smooth border between the two tones, in sides of the image. */
  readonly ramp: Float64Array
}

/** Measures where tones meet at a hard edge and where they run into each other. */
export function findAdjacency(
  width: number,
  height: number,
  colourOfPixel: Uint16Array,
  kinds: Uint8Array,
  toneOfColour: Uint8Array,
  mixed: MixedPixels,
  size: number,
): Adjacency {
  const edge = new Float64Array(size * size)
  const ramp = new Float64Array(size * size)
  for (let i = 0; i < mixed.count; i++) {
    const one = toneOfColour[mixed.from[i]!]!
    const other = toneOfColour[mixed.to[i]!]!
    edge[one * size + other]!++
    edge[other * size + one]!++
  }
  for (let y = 0, pixel = 0; y < height - 1; y++, pixel++) {
    for (let x = 0; x < width - 1; x++, pixel++) {
      if (kinds[pixel] !== PixelKind.flat) continue
      const here = toneOfColour[colourOfPixel[pixel]!]!
      const right = toneOfColour[colourOfPixel[pixel + 1]!]!
      const below = toneOfColour[colourOfPixel[pixel + width]!]!
      if (here !== right) {
        ramp[here * size + right]!++
        ramp[right * size + here]!++
      }
      if (here !== below) {
        ramp[here * size + below]!++
        ramp[below * size + here]!++
      }
    }
  }
  const side = Math.max(width, height)
  for (let i = 0; i < size * size; i++) {
    edge[i] = edge[i]! / Math.max(1, mixed.count)
    ramp[i] = ramp[i]! / side
  }
  return { size, edge, ramp }
}
