import type { EdgeSamples } from './edge-samples.ts'
import type { Memberships } from './memberships.ts'
import type { MixtureLightness } from './mixture-lightness.ts'
import { blendMixtures, mixtureOfWeights, pureTone, type Mixture } from './mixture.ts'
import { SHADE_STEPS } from './node-key.ts'
import { PixelKind, type SamplePlane } from './sample-plane.ts'
import { CELL_SAMPLES, type ToneGrid } from './tone-grid.ts'

/** What every sample shows: a mixture of tones, and how much lighter it is than they are. */
export type SampleMixtures = {
  readonly mixtures: Uint16Array
  /** How much lighter than the mixture's tones, in steps of a shade. */
  readonly shades: Float32Array
}

/** A cell of the grid speaks for a sample whose colour is nearer than this to its own (OKLab). */
const MAX_CELL_DISTANCE = 0.06
/** The same for a sample whose nearest cells are unknown. */
const MAX_AROUND_DISTANCE = 0.12
/** Below this sum of cell weights the grid does not know a sample. */
const MIN_CELL_WEIGHT = 0.1
/** An edge sample takes the tones of its like up to this distance (OKLab), beyond it is a thing of its own. */
const MAX_LIKE_DISTANCE = 0.2

/** What is known of an image when its samples are mixed. */
export type MixSources = {
  readonly plane: SamplePlane
  readonly lightness: MixtureLightness
  readonly memberships: Memberships
  readonly nearestTone: Uint8Array
  /** 1 for each sample of the background; tone 0 is the background's then. */
  readonly mask: Uint8Array | undefined
  readonly grid: ToneGrid
  readonly edges: EdgeSamples
}

/** Finds the mixture and the shade of every sample. */
export function mixSamples(sources: MixSources): SampleMixtures {
  const { plane, lightness, mask, edges } = sources
  const { columns, rows, rgb, labs, kinds } = plane
  const mixtures = new Uint16Array(columns * rows)
  const shades = new Float32Array(columns * rows)
  const mixer = new GridMixer(sources)
  let lastRgb = -1
  let lastMixture = -1
  let lastShade = 0
  for (let row = 0, sample = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, sample++) {
      if (mask !== undefined && mask[sample] === 1) {
        mixtures[sample] = pureTone(0)
        continue
      }
      const mixture =
        kinds[sample] === PixelKind.flat ? mixer.mixtureAt(sample, column, row) : mixer.byColour(sample)
      mixtures[sample] = mixture
      if (rgb[sample] !== lastRgb || mixture !== lastMixture) {
        lastRgb = rgb[sample]!
        lastMixture = mixture
        lastShade = lightness.shade(labs[sample * 3]! * SHADE_STEPS, mixture)
      }
      shades[sample] = lastShade
    }
  }
  mixEdges(sources, edges, mixtures, shades)
  return { mixtures, shades }
}

/** Puts samples at edges between their sides, or beside their like. */
function mixEdges(
  { plane: { labs }, lightness }: MixSources,
  { count, sample: samples, from, to, share, like }: EdgeSamples,
  mixtures: Uint16Array,
  shades: Float32Array,
): void {
  for (let i = 0; i < count; i++) {
    const sample = samples[i]!
    const one = from[i]!
    const other = to[i]!
    if (one >= 0) {
      const second = share[i]!
      mixtures[sample] = blendMixtures(mixtures[one]!, mixtures[other]!, second)
      shades[sample] = shades[one]! * (1 - second) + shades[other]! * second
    } else if (like[i]! >= 0 && squaredDistance(labs, like[i]!, labs, sample) <= MAX_LIKE_DISTANCE ** 2) {
      mixtures[sample] = mixtures[like[i]!]!
      shades[sample] = lightness.shade(labs[sample * 3]! * SHADE_STEPS, mixtures[sample])
    }
  }
}

/** Asks the cells of the grid around a sample for its tones. */
class GridMixer {
  private readonly sources: MixSources
  private readonly weights: Float64Array

  constructor(sources: MixSources) {
    this.sources = sources
    this.weights = new Float64Array(sources.grid.toneCount)
  }

  mixtureAt(sample: number, column: number, row: number): Mixture {
    const { grid, nearestTone } = this.sources
    const gridX = gridPlace(column, grid.columns)
    const gridY = gridPlace(row, grid.rows)
    const left = gridX | 0
    const right = Math.min(grid.columns - 1, left + 1)
    const top = gridY | 0
    const above = top * grid.columns
    const below = Math.min(grid.rows - 1, top + 1) * grid.columns
    const { pure } = grid
    const tone = pure[above + left]!
    if (
      tone === nearestTone[sample] &&
      tone === pure[above + right] &&
      tone === pure[below + left] &&
      tone === pure[below + right]
    ) {
      return pureTone(tone)
    }
    const fromLeft = gridX - left
    const fromTop = gridY - top
    this.weights.fill(0)
    let weight =
      this.take(above + left, (1 - fromLeft) * (1 - fromTop), sample, MAX_CELL_DISTANCE) +
      this.take(above + right, fromLeft * (1 - fromTop), sample, MAX_CELL_DISTANCE) +
      this.take(below + left, (1 - fromLeft) * fromTop, sample, MAX_CELL_DISTANCE) +
      this.take(below + right, fromLeft * fromTop, sample, MAX_CELL_DISTANCE)
    if (weight < MIN_CELL_WEIGHT) weight = this.takeAround(left, top, sample)
    // A thin line has its own colour: what is around it says nothing of it.
    const isForeign = this.weights[nearestTone[sample]!] === 0
    return weight < MIN_CELL_WEIGHT || isForeign
      ? this.byColour(sample)
      : mixtureOfWeights(this.weights, grid.toneCount)
  }

  /** Adds a cell's tones to the weights, by nearness and by likeness to the sample's colour. */
  private take(cell: number, nearness: number, sample: number, maxDistance: number): number {
    const { grid, plane } = this.sources
    if (grid.known[cell] === 0) return 0
    const distance = squaredDistance(grid.labs, cell, plane.labs, sample)
    const likeness = 1 - distance / (maxDistance * maxDistance)
    if (likeness <= 0) return 0
    const weight = nearness * likeness * likeness
    const weights = this.weights
    const { shares, toneCount } = grid
    const at = cell * toneCount
    for (let tone = 0; tone < toneCount; tone++) weights[tone]! += weight * shares[at + tone]!
    return weight
  }

  /** Beside an edge the nearest cells may be unknown: asks all cells around, the less like ones too. */
  private takeAround(column: number, row: number, sample: number): number {
    const { grid } = this.sources
    let weight = 0
    this.weights.fill(0)
    for (let y = Math.max(0, row - 1); y <= Math.min(grid.rows - 1, row + 2); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(grid.columns - 1, column + 2); x++) {
        weight += this.take(y * grid.columns + x, 1, sample, MAX_AROUND_DISTANCE)
      }
    }
    return weight
  }

  /** A sample that the grid does not know takes the tones of its colour. */
  byColour(sample: number): Mixture {
    const { memberships, plane } = this.sources
    return memberships.mixtureOf(
      plane.labs[sample * 3]!,
      plane.labs[sample * 3 + 1]!,
      plane.labs[sample * 3 + 2]!,
    )
  }
}

/** Where a sample lies between the centres of the cells, in cells. */
function gridPlace(sample: number, cells: number): number {
  return Math.max(0, Math.min(cells - 1, (sample + 0.5) / CELL_SAMPLES - 0.5))
}

function squaredDistance(ones: Float32Array, one: number, others: Float32Array, other: number): number {
  const l = ones[one * 3]! - others[other * 3]!
  const a = ones[one * 3 + 1]! - others[other * 3 + 1]!
  const b = ones[one * 3 + 2]! - others[other * 3 + 2]!
  return l * l + a * a + b * b
}
