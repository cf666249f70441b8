import { writeLab } from '../colour/lab-table.ts'
import { rgbOfLab } from '../colour/oklab.ts'
import type { Rgb } from '../colour/srgb.ts'
import { findTones } from '../recolour/tones.ts'
import { NearestTone } from './nearest-tone.ts'
import type { SampledPixels } from './sampled-pixels.ts'

export type MainColour = {
  readonly rgb: Rgb
  /** Share of the counted pixels that are nearest to this colour, 0 to 1. */
  readonly share: number
}

/** Less than this share of the pixels is no main colour: edges and reflections. */
const MIN_SHARE = 0.005
/** A colour that this share of the pixels around it have is flat, and stands for them itself. */
const MIN_FLAT_SHARE = 0.2

/** The colours that a picture is made of, at most eight. A flat colour is exact, a shaded one is the mean of its shades. */
export function findMainColours({ rgba }: SampledPixels): MainColour[] {
  const pixels = rgba.length / 4
  const labs = new Float32Array(pixels * 3)
  const counts = new Uint8Array(pixels)
  let total = 0
  let last = -1
  let known = 0
  for (let pixel = 0, at = 0; pixel < pixels; pixel++, at += 4) {
    if (rgba[at + 3] === 0) continue
    counts[pixel] = 1
    total++
    const colour = colourAt(rgba, at)
    const to = pixel * 3
    if (colour === last) {
      labs[to] = labs[known]!
      labs[to + 1] = labs[known + 1]!
      labs[to + 2] = labs[known + 2]!
    } else {
      last = colour
      known = to
      writeLab(labs, known, rgba[at]!, rgba[at + 1]!, rgba[at + 2]!)
    }
  }
  const tones = findTones(labs, counts, undefined)
  const exact = countColours(rgba, labs, new NearestTone(tones), tones.length)
  return tones.flatMap(({ lab, share }, tone) => {
    if (share < MIN_SHARE) return []
    const [colour, count] = mostFrequent(exact[tone]!)
    const isFlat = count >= share * total * MIN_FLAT_SHARE
    return [{ rgb: isFlat ? [colour >> 16, (colour >> 8) & 255, colour & 255] : rgbOfLab(lab), share }]
  })
}

/** How many pixels have each very colour, for each tone that those colours are nearest to. */
function countColours(
  rgba: Uint8ClampedArray,
  labs: Float32Array,
  nearestTone: NearestTone,
  tones: number,
): Map<number, number>[] {
  const counts = Array.from({ length: tones }, () => new Map<number, number>())
  for (let pixel = 0, at = 0; at < rgba.length;) {
    const colour = colourAt(rgba, at)
    const first = pixel
    const isCounted = rgba[at + 3] !== 0
    do {
      pixel++
      at += 4
    } while (at < rgba.length && colourAt(rgba, at) === colour && (rgba[at + 3] !== 0) === isCounted)
    if (!isCounted) continue
    const ofTone = counts[nearestTone.of(labs[first * 3]!, labs[first * 3 + 1]!, labs[first * 3 + 2]!)]!
    ofTone.set(colour, (ofTone.get(colour) ?? 0) + pixel - first)
  }
  return counts
}

function colourAt(rgba: Uint8ClampedArray, at: number): number {
  return (rgba[at]! << 16) | (rgba[at + 1]! << 8) | rgba[at + 2]!
}

function mostFrequent(counts: ReadonlyMap<number, number>): [colour: number, count: number] {
  let best: [number, number] = [0, 0]
  for (const entry of counts) if (entry[1] > best[1]) best = entry
  return best
}
