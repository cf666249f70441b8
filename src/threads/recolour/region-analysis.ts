import { labOfRgb } from '../colour/oklab.ts'
import type { RegionAnalysis, SharedImage } from '../protocol.ts'
import { findAdjacency } from './adjacency.ts'
import { findBackground } from './background.ts'
import { indexColours } from './colour-index.ts'
import { findMixedPixels } from './edges.ts'
import { classifyPixels, PixelKind } from './flatness.ts'
import { findMemberships } from './memberships.ts'
import { findTones } from './tones.ts'

/** Works out once what recolouring an image needs, for all its variations. */
export function analyseRegions(image: SharedImage): RegionAnalysis {
  const { width, height } = image
  const index = indexColours(image)
  const kinds = classifyPixels(image, index.ofPixel, index.rgb)
  const labs = new Float64Array(index.count * 3)
  for (let colour = 0; colour < index.count; colour++) {
    const value = index.rgb[colour]!
    labs.set(labOfRgb(value >> 16, (value >> 8) & 255, value & 255), colour * 3)
  }
  const weights = new Uint32Array(index.count)
  for (let pixel = 0; pixel < kinds.length; pixel++) {
    if (kinds[pixel] === PixelKind.flat) weights[index.ofPixel[pixel]!]!++
  }
  const background = findBackground(width, height, index.ofPixel, kinds, index.rgb)
  const tones = findTones(labs, weights, background?.lab)
  const memberships = findMemberships(labs, tones)
  const mixed = findMixedPixels(width, height, index.ofPixel, kinds, index.rgb, memberships.first)
  const adjacency = findAdjacency(width, height, index.ofPixel, kinds, memberships.first, mixed, tones.length)
  const rgb = new Uint32Array(new SharedArrayBuffer(index.count * 4))
  rgb.set(index.rgb)
  const sharedLabs = new Float32Array(new SharedArrayBuffer(labs.length * 4))
  sharedLabs.set(labs)
  return {
    colourOfPixel: index.ofPixel,
    rgb,
    labs: sharedLabs,
    memberships,
    mixed,
    tones,
    hasBackground: background !== undefined,
    adjacency,
  }
}
