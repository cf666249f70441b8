import type { RegionAnalysis, SharedImage } from '../protocol.ts'
import { findAdjacency } from './adjacency.ts'
import { findBackground, markEdgeFeet } from './background.ts'
import { indexColours, type ColourIndex } from './colour-index.ts'
import { findEdgePixels } from './edge-pixels.ts'
import { findMemberships } from './memberships.ts'
import { classifyPixels, PixelKind } from './pixel-kinds.ts'
import { findPixelNodes } from './pixel-nodes.ts'
import { buildToneGrid } from './tone-grid.ts'
import { findTones } from './tones.ts'

/** An image with fewer pixels of their own than this share of the visible ones is texture: all count. */
const MIN_OWN_SHARE = 0.05

/** The analysis of a wholly transparent image: it has no tones, and recolouring leaves it as it is. */
const NOTHING_VISIBLE: RegionAnalysis = {
  nodeOfPixel: new Uint16Array(0),
  nodes: { count: 0, first: new Int32Array(0), second: new Int16Array(0) },
  tones: [],
  hasBackground: false,
  adjacency: { size: 0, edge: new Float64Array(0), ramp: new Float64Array(0) },
}

/**
 * Works out once what recolouring an image needs, for all its variations: its tones, how they meet, and for
 * every pixel which tones it shows, in which shade. The same pixels give the same analysis.
 *
 * Memory beside the image: the result is two bytes a pixel and six a node. For the time of the analysis at most
 * eight bytes a pixel come on top (colours 2, kinds 1, background 1, settled sides 4), 27 for each pixel at an
 * edge, and some 5 MB of tables whatever the size. Recolouring then needs the pixels of one result.
 */
export function analyseRegions(image: SharedImage): RegionAnalysis {
  const { width, height } = image
  const index = indexColours(image)
  const kinds = classifyPixels(image, index)
  const background = findBackground(index, kinds)
  const mask = background?.mask
  if (background && !background.open) markEdgeFeet(background, index, kinds)
  const { mixed, unmixed } = findEdgePixels(index, kinds, mask)
  const tones = findTones(index.labs, countPixels(index, kinds, unmixed), background?.lab)
  if (tones.length === 0) return NOTHING_VISIBLE
  const closed = background !== undefined && !background.open && tones.length > 1
  const memberships = findMemberships(index.labs, tones, closed ? 1 : 0)
  const toneOfPixel = findToneOfPixel(index.ofPixel, memberships.first, mask)
  const sorted = findPixelNodes({
    index,
    kinds,
    tones,
    memberships,
    background: mask,
    grid: buildToneGrid(index, kinds, memberships, mask, tones.length),
    unmixed,
    mixed,
  })
  return {
    ...sorted,
    tones,
    hasBackground: background !== undefined,
    adjacency: findAdjacency(width, height, kinds, toneOfPixel, mixed, tones.length),
  }
}

/** The nearest tone of each pixel; the background's is 0. */
function findToneOfPixel(
  ofPixel: Uint16Array,
  toneOfColour: Uint8Array,
  mask: Uint8Array | undefined,
): Uint8Array {
  const tones = new Uint8Array(ofPixel.length)
  for (let pixel = 0; pixel < tones.length; pixel++) {
    if (mask === undefined || mask[pixel] === 0) tones[pixel] = toneOfColour[ofPixel[pixel]!]!
  }
  return tones
}

/**
 * How many pixels show each colour for itself: those of flat places, and those of lines and letters, which are
 * all edge. Where that is next to nothing, every visible pixel counts.
 */
function countPixels(index: ColourIndex, kinds: Uint8Array, unmixed: Uint32Array): Uint32Array {
  const own = new Uint32Array(index.count)
  const visible = new Uint32Array(index.count)
  let ownTotal = 0
  let visibleTotal = 0
  const { ofPixel } = index
  for (let pixel = 0; pixel < kinds.length; pixel++) {
    const kind = kinds[pixel]!
    if (kind === PixelKind.hidden) continue
    const colour = ofPixel[pixel]!
    visible[colour]!++
    visibleTotal++
    if (kind !== PixelKind.flat) continue
    own[colour]!++
    ownTotal++
  }
  for (let i = 0; i < unmixed.length; i += 2) {
    if (unmixed[i] !== unmixed[i + 1]) continue
    own[ofPixel[unmixed[i]!]!]!++
    ownTotal++
  }
  return ownTotal < visibleTotal * MIN_OWN_SHARE ? visible : own
}
