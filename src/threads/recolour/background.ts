import { labOfRgb, type Lab } from '../colour/oklab.ts'
import { PixelKind, partDifference } from './flatness.ts'

/** The region that surrounds the subject. */
export type Background = {
  /** Number of its most frequent colour. */
  readonly colour: number
  readonly lab: Lab
}

/** A surrounding region must hold at least this share of the image's border. */
const MIN_BORDER_SHARE = 0.25
/** Parts may differ by this much from the background's colour: noise of a compressed image. */
const NOISE_STEP = 5

/**
 * Finds the colour that most of the image's border has. Undefined when the border is transparent or shows no
 * prevailing colour.
 */
export function findBackground(
  width: number,
  height: number,
  colourOfPixel: Uint16Array,
  kinds: Uint8Array,
  rgb: Uint32Array,
): Background | undefined {
  const counts = new Map<number, number>()
  let borderPixels = 0
  const count = (pixel: number) => {
    borderPixels++
    if (kinds[pixel] === PixelKind.hidden) return
    const colour = colourOfPixel[pixel]!
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  for (let x = 0; x < width; x++) {
    count(x)
    count((height - 1) * width + x)
  }
  for (let y = 0; y < height; y++) {
    count(y * width)
    count(y * width + width - 1)
  }
  let best = -1
  let bestWeight = 0
  for (const candidate of [...counts.keys()].toSorted((x, y) => counts.get(y)! - counts.get(x)!).slice(0, 16)) {
    let weight = 0
    for (const [colour, pixels] of counts) {
      if (partDifference(rgb[candidate]!, rgb[colour]!) <= NOISE_STEP) weight += pixels
    }
    if (weight > bestWeight) [best, bestWeight] = [candidate, weight]
  }
  if (best < 0 || bestWeight < borderPixels * MIN_BORDER_SHARE) return undefined
  const value = rgb[best]!
  return { colour: best, lab: labOfRgb(value >> 16, (value >> 8) & 255, value & 255) }
}
