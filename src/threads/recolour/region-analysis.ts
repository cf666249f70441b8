import type { Raster } from '../codec/raster.ts'
import type { RegionAnalysis } from '../protocol.ts'
import { findAdjacency } from './adjacency.ts'
import { findBackground, markEdgeFeet, type Background } from './background.ts'
import { findEdgeSamples, type EdgeSamples } from './edge-samples.ts'
import { pixelKernel } from '../kernel.ts'
import { mixSamples } from './sample-mixtures.ts'
import { takeSamples, type SamplePlane } from './sample-plane.ts'
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
export function analyseRegions(image: Raster): RegionAnalysis {
  const plane = takeSamples(image)
  const background = findBackground(plane)
  if (background && !background.open) markEdgeFeet(background, plane)
  const edges = findEdgeSamples(plane)
  const tones = findTones(plane.labs, chooseOwn(plane, edges), groundOf(background))
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
  return background && { lab: background.lab, samples: pixelKernel().countGround(), open: background.open }
}

/** 1 for each sample that tones are found among. */
function chooseOwn({ kinds }: SamplePlane, edges: EdgeSamples): Uint8Array {
  const kernel = pixelKernel()
  return new Uint8Array(kernel.memory.buffer, kernel.chooseOwn(edges.count, MIN_OWN_SHARE), kinds.length)
}
