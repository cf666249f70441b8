import type { Lab } from '../../src/threads/colour/oklab.ts'
import { distanceTo, SIDE_PX, stepBetween } from './lab-plane.ts'
import { regionMeans, type Regions } from './regions.ts'

/** How good one variation is; all distances are Euclidean in OKLab. */
export type Score = {
  /** Share of the base image's edges (0.10 or more over 3 px) that are still visible (0.03). 1 is best. */
  readonly edgeRecall: number
  /** Share of the base image's smooth places (below 0.03 over 3 px) that became edges (over 0.08). 0 is best. */
  readonly falseEdges: number
  /** Mean distance of the regions' mean colours from the nearest palette colour, by area. 0 is best. */
  readonly paletteError: number
  /** Palette colours that show on 0.3 % of the pixels or more, of those that there are regions for. 1 is best. */
  readonly coverage: number
}

export const SCORES = ['edgeRecall', 'falseEdges', 'paletteError', 'coverage'] as const

/** What the mean is to come to, and which way is good. */
export const AIMS: Readonly<Record<(typeof SCORES)[number], string>> = {
  edgeRecall: '>= 0.995',
  falseEdges: '<= 0.0005',
  paletteError: '<= 0.014',
  coverage: '>= 0.93',
}

const STEP_PX = 3
const EDGE = 0.1
const VISIBLE = 0.03
const BROKEN = 0.08
const SHOWN_DISTANCE = 0.06
const SHOWN_SHARE = 0.003
const REGION_SHARE = 0.005

export function scoreVariation(
  base: Float32Array,
  regions: Regions,
  variation: Float32Array,
  palette: readonly Lab[],
): Score {
  return { ...compareEdges(base, variation), ...comparePalette(regions, variation, palette) }
}

function compareEdges(base: Float32Array, variation: Float32Array): Pick<Score, 'edgeRecall' | 'falseEdges'> {
  let edges = 0
  let kept = 0
  let smooth = 0
  let broken = 0
  for (let y = STEP_PX; y < SIDE_PX - STEP_PX; y++) {
    for (let x = STEP_PX; x < SIDE_PX - STEP_PX; x++) {
      const pixel = y * SIDE_PX + x
      for (const other of [pixel + STEP_PX, pixel + STEP_PX * SIDE_PX]) {
        const before = stepBetween(base, pixel, other)
        const after = stepBetween(variation, pixel, other)
        if (before >= EDGE) {
          edges++
          if (after >= VISIBLE) kept++
        } else if (before < VISIBLE) {
          smooth++
          if (after > BROKEN) broken++
        }
      }
    }
  }
  return { edgeRecall: edges > 0 ? kept / edges : 1, falseEdges: smooth > 0 ? broken / smooth : 0 }
}

function comparePalette(
  regions: Regions,
  variation: Float32Array,
  palette: readonly Lab[],
): Pick<Score, 'paletteError' | 'coverage'> {
  const pixels = variation.length / 3
  const means = regionMeans(variation, regions).filter((mean) => mean.pixels > 0)
  const paletteError = means.reduce((sum, mean) => {
    const distances = palette.map(([l, a, b]) => Math.hypot(mean.l - l, mean.a - a, mean.b - b))
    return sum + (mean.pixels / pixels) * Math.min(...distances)
  }, 0)
  const shown = palette.filter(([l, a, b]) => {
    let near = 0
    for (let pixel = 0; pixel < pixels; pixel++)
      if (distanceTo(variation, pixel, l, a, b) < SHOWN_DISTANCE) near++
    return near >= pixels * SHOWN_SHARE
  }).length
  const expected = Math.min(
    palette.length,
    means.filter((mean) => mean.pixels >= pixels * REGION_SHARE).length,
  )
  return { paletteError, coverage: Math.min(1, shown / expected) }
}
