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
  nodes: {
    count: 0,
    ofPixel: new Uint16Array(0),
    tones: new Uint8Array(0),
    shares: new Uint8Array(0),
    shades: new Int16Array(0),
  },
  mixed: {
    count: 0,
    pixel: new Uint32Array(0),
    from: new Uint32Array(0),
    to: new Uint32Array(0),
    share: new Uint8Array(0),
  },
  tones: [],
  hasBackground: false,
  adjacency: { size: 0, edge: new Float64Array(0), ramp: new Float64Array(0) },
}

/**
 * Works out once what recolouring an image needs, for all its variations: its tones, how they meet, and for
 * every pixel which tones it shows, in which shade. The same pixels give the same analysis.
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
  const toneOfPixel = index.ofPixel.map((colour, pixel) =>
    mask?.[pixel] === 1 ? 0 : memberships.first[colour]!,
  )
  return {
    nodes: findPixelNodes({
      index,
      kinds,
      tones,
      memberships,
      background: mask,
      grid: buildToneGrid(index, kinds, memberships, mask, tones.length),
      unmixed,
    }),
    mixed,
    tones,
    hasBackground: background !== undefined,
    adjacency: findAdjacency(width, height, kinds, new Uint8Array(toneOfPixel), mixed, tones.length),
  }
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
  const count = (pixel: number) => {
    own[index.ofPixel[pixel]!]!++
    ownTotal++
  }
  for (let pixel = 0; pixel < kinds.length; pixel++) {
    if (kinds[pixel] === PixelKind.hidden) continue
    visible[index.ofPixel[pixel]!]!++
    visibleTotal++
    if (kinds[pixel] === PixelKind.flat) count(pixel)
  }
  for (let i = 0; i < unmixed.length; i += 2) if (unmixed[i] === unmixed[i + 1]) count(unmixed[i]!)
  return ownTotal < visibleTotal * MIN_OWN_SHARE ? visible : own
}
