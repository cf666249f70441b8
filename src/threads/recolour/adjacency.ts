import type { Adjacency } from '../protocol.ts'
import type { MixedPixels } from './edge-pixels.ts'
import { PixelKind } from './pixel-kinds.ts'

/** Measures where tones meet at a hard edge and where they run into each other. */
export function findAdjacency(
  width: number,
  height: number,
  kinds: Uint8Array,
  toneOfPixel: Uint8Array,
  mixed: MixedPixels,
  size: number,
): Adjacency {
  const edge = new Float64Array(size * size)
  const ramp = new Float64Array(size * size)
  const meet = (matrix: Float64Array, one: number, other: number, amount: number) => {
    if (one === other) return
    matrix[one * size + other]! += amount
    matrix[other * size + one]! += amount
  }
  for (let i = 0; i < mixed.count; i++) {
    meet(edge, toneOfPixel[mixed.from[i]!]!, toneOfPixel[mixed.to[i]!]!, 1 / mixed.count)
  }
  const pixelLength = 1 / Math.max(width, height)
  for (let y = 0, pixel = 0; y < height - 1; y++, pixel++) {
    for (let x = 0; x < width - 1; x++, pixel++) {
      const here = toneOfPixel[pixel]!
      const right = toneOfPixel[pixel + 1]!
      const below = toneOfPixel[pixel + width]!
      if ((here === right && here === below) || kinds[pixel] !== PixelKind.flat) continue
      meet(ramp, here, right, pixelLength)
      meet(ramp, here, below, pixelLength)
    }
  }
  return { size, edge, ramp }
}
