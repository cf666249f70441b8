import type { RegionAnalysis, SharedImage } from '../protocol.ts'
import { findAdjacency } from './adjacency.ts'
import { findBackground, markEdgeFeet, type Background } from './background.ts'
import { findEdgeSamples, type EdgeSamples } from './edge-samples.ts'
import { mixSamples } from './sample-mixtures.ts'
import { PixelKind, takeSamples } from './sample-plane.ts'
import { findTones, type Ground } from './tones.ts'
import { sortPixels } from './pixel-sorter.ts'

/** An image with fewer samples of their own than this share of the visible ones is texture: all count. */
const MIN_OWN_SHARE = 0.05

/** The analysis of a wholly transparent image: it has no tones, and recolouring leaves it as it is. */
const NOTHING_VISIBLE: RegionAnalysis = {
  pixelNodes: new Uint16Array(0),
  evenRuns: new Uint32Array(0),
  nodes: { keys: new Uint32Array(0) },
  tones: [],
  hasBackground: false,
  adjacency: { size: 0, edge: new Float64Array(0), ramp: new Float64Array(0) },
}

/**
 * Works out once what recolouring an image needs, for all its variations: its tones, how they meet, and for
 * every pixel which tones it shows, in which shade. The same pixels give the same analysis.
 */
export function analyseRegions(image: SharedImage): RegionAnalysis {
  const plane = takeSamples(image)
  const background = findBackground(plane)
  const mask = background?.mask
  if (background && !background.open) markEdgeFeet(background, plane)
  const edges = findEdgeSamples(plane)
  const tones = findTones(plane.labs, chooseOwn(plane.kinds, edges, mask), groundOf(background))
  if (tones.length === 0) return NOTHING_VISIBLE
  const closed = background !== undefined && !background.open && tones.length > 1
  const nearestTone = mixSamples({ plane, background, edges, tones, firstTone: closed ? 1 : 0 })
  return {
    ...sortPixels(plane),
    tones,
    hasBackground: background !== undefined,
    adjacency: findAdjacency(plane, nearestTone, edges, tones.length),
  }
}

function groundOf(background: Background | undefined): Ground | undefined {
  if (!background) return undefined
  const { lab, mask, open } = background
  let samples = 0
  for (let sample = 0; sample < mask.length; sample++) samples += mask[sample]!
  return { lab, samples, open }
}

/**
 * 1 for each sample beside the background that shows its colour for itself: those of flat places, and those of
 * lines and letters, which are all edge. Where that is next to nothing, every visible sample counts.
 */
function chooseOwn(kinds: Uint8Array, edges: EdgeSamples, background: Uint8Array | undefined): Uint8Array {
  const own = new Uint8Array(kinds.length)
  const visible = new Uint8Array(kinds.length)
  let visibleTotal = 0
  let ownTotal = 0
  for (let sample = 0; sample < kinds.length; sample++) {
    if (kinds[sample] === PixelKind.hidden || (background !== undefined && background[sample] === 1)) continue
    visible[sample] = 1
    visibleTotal++
    if (kinds[sample] !== PixelKind.flat) continue
    own[sample] = 1
    ownTotal++
  }
  for (let i = 0; i < edges.count; i++) {
    if (edges.from[i]! >= 0 || edges.like[i]! >= 0) continue
    own[edges.sample[i]!] = 1
    ownTotal++
  }
  return ownTotal < visibleTotal * MIN_OWN_SHARE ? visible : own
}
