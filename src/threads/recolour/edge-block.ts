import { writeLab } from '../colour/lab-table.ts'
import { blendMixtures, pureTone } from './mixture.ts'
import type { NodeTable } from './node-table.ts'
import { SHADE_STEPS } from './node-table.ts'
import type { PixelBlock } from './pixel-block.ts'
import { PixelKind } from './sample-plane.ts'
import type { SortSources } from './upsampling.ts'

/** Colours that samples near by show: this many at most are told apart. */
const MAX_SIDES = 8
/** Samples closer than this (OKLab) show one colour. */
const SAME_DISTANCE = 0.025
/** A pixel this near to a side (OKLab) is of that side, in its own shade. */
const OWN_DISTANCE = 0.018
/** A mixture is taken for one up to this distance from the line between its sides (OKLab). */
const MAX_DEVIATION = 0.05
/** Being a mixture at all counts as this much deviation, being of a tone that no sample near by has as more. */
const MIXTURE_PENALTY = 0.006
const FAR_PENALTY = 0.02
/** Samples to either side of the block that are asked. */
const REACH_SAMPLES = 1

/**
 * Tells the nodes of pixels in a block where an edge runs. The samples near by name the colours that may meet
 * there; a pixel is one of them, or lies between two. Pixels of a block follow each other, so that what the
 * samples say is gathered once a block.
 */
export class EdgeBlock {
  private readonly sources: SortSources
  private readonly mask: Uint8Array | undefined
  private readonly table: NodeTable
  private readonly nodeOfPixel: Uint16Array
  private readonly toneLabs: Float64Array
  private readonly labs = new Float64Array(MAX_SIDES * 3)
  private readonly mixtures = new Uint16Array(MAX_SIDES)
  private readonly shades = new Float64Array(MAX_SIDES)
  private readonly isFlat = new Uint8Array(MAX_SIDES)
  private readonly rgb = new Uint32Array(MAX_SIDES)
  private readonly nodes = new Uint16Array(MAX_SIDES)
  private readonly lab = new Float64Array(3)
  private sides = 0
  private column = -2
  private row = -2
  private lastColour = -1
  private lastNode = 0

  constructor(sources: SortSources, table: NodeTable, nodeOfPixel: Uint16Array) {
    this.sources = sources
    this.nodeOfPixel = nodeOfPixel
    this.mask = sources.background?.mask
    this.table = table
    this.toneLabs = Float64Array.from(sources.tones.flatMap(({ lab }) => [...lab]))
  }

  /** Sorts all pixels of a block. */
  sort(block: PixelBlock): void {
    const { image, bytes } = this.sources.plane
    const { width, channels } = image
    const nodes = this.nodeOfPixel
    this.enter(block.column, block.row)
    for (let y = block.y0; y < block.y1; y++) {
      const end = y * width + block.x1
      for (let pixel = y * width + block.x0, at = pixel * channels; pixel < end; pixel++, at += channels) {
        const colour = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
        if (colour !== this.lastColour) {
          this.lastColour = colour
          this.lastNode = this.nodeOfColour(colour)
        }
        nodes[pixel] = this.lastNode
      }
    }
  }

  /** The node of one pixel, `0xRRGGBB`, in the block right of and below a sample. */
  nodeOf(column: number, row: number, colour: number): number {
    this.enter(column, row)
    if (colour !== this.lastColour) {
      this.lastColour = colour
      this.lastNode = this.nodeOfColour(colour)
    }
    return this.lastNode
  }

  private enter(column: number, row: number): void {
    if (column === this.column && row === this.row) return
    this.column = column
    this.row = row
    this.lastColour = -1
    this.gather()
  }

  private nodeOfColour(colour: number): number {
    for (let side = 0; side < this.sides; side++) {
      if (this.rgb[side] === colour) return this.nodes[side]!
    }
    writeLab(this.lab, 0, colour >> 16, (colour >> 8) & 255, colour & 255)
    return this.find()
  }

  private gather(): void {
    const { columns, rows, kinds, rgb } = this.sources.plane
    const mask = this.mask
    this.sides = 0
    const top = Math.max(0, this.row - REACH_SAMPLES)
    const bottom = Math.min(rows - 1, this.row + 1 + REACH_SAMPLES)
    const left = Math.max(0, this.column - REACH_SAMPLES)
    const right = Math.min(columns - 1, this.column + 1 + REACH_SAMPLES)
    let edges = 0
    let lastRgb = -1
    // Flat places first: where an edge sample is like one of them, it says nothing new.
    for (let y = top; y <= bottom; y++) {
      for (let sample = y * columns + left; sample <= y * columns + right; sample++) {
        if (rgb[sample] === lastRgb) continue
        if (kinds[sample] === PixelKind.flat || (mask !== undefined && mask[sample] === 1)) {
          lastRgb = rgb[sample]!
          this.add(sample, 1)
        } else if (kinds[sample] === PixelKind.edge) edges++
      }
    }
    if (edges === 0) return
    for (let y = top; y <= bottom; y++) {
      for (let sample = y * columns + left; sample <= y * columns + right; sample++) {
        if (kinds[sample] === PixelKind.edge && (mask === undefined || mask[sample] === 0))
          this.add(sample, 0)
      }
    }
  }

  private add(sample: number, isFlat: 0 | 1): void {
    if (this.sides === MAX_SIDES) return
    const { labs, rgb } = this.sources.plane
    const l = labs[sample * 3]!
    const a = labs[sample * 3 + 1]!
    const b = labs[sample * 3 + 2]!
    const { mixtures, shades } = this.sources.samples
    for (let side = 0; side < this.sides; side++) {
      const same = mixtures[sample] === this.mixtures[side] ? SAME_DISTANCE : SAME_DISTANCE / 4
      if (this.squaredDistance(side, l, a, b) < same * same) return
    }
    const side = this.sides++
    this.labs[side * 3] = l
    this.labs[side * 3 + 1] = a
    this.labs[side * 3 + 2] = b
    this.mixtures[side] = mixtures[sample]!
    this.shades[side] = shades[sample]!
    this.isFlat[side] = isFlat
    this.rgb[side] = rgb[sample]!
    this.nodes[side] = this.table.node(mixtures[sample]!, shades[sample]!)
  }

  private squaredDistance(side: number, l: number, a: number, b: number): number {
    const dl = l - this.labs[side * 3]!
    const da = a - this.labs[side * 3 + 1]!
    const db = b - this.labs[side * 3 + 2]!
    return dl * dl + da * da + db * db
  }

  private find(): number {
    const labs = this.labs
    const l = this.lab[0]!
    const a = this.lab[1]!
    const b = this.lab[2]!
    const sides = this.sides
    let nearest = -1
    let squared = Infinity
    for (let side = 0, at = 0; side < sides; side++, at += 3) {
      const dl = l - labs[at]!
      const da = a - labs[at + 1]!
      const db = b - labs[at + 2]!
      const distance = dl * dl + da * da + db * db
      if (distance < squared) {
        squared = distance
        nearest = side
      }
    }
    if (nearest < 0) return this.byColour()
    if (squared <= OWN_DISTANCE * OWN_DISTANCE) return this.ofSide(nearest)
    const other = this.mostLikely(labs, sides, nearest, squared, MIXTURE_PENALTY)
    if (squared <= this.leastCost * this.leastCost) return this.ofSide(nearest)
    if (other < 0) return this.towardsTone(nearest, squared)
    const position = this.position
    const mixture = blendMixtures(this.mixtures[nearest]!, this.mixtures[other]!, position)
    const shade = this.shades[nearest]! * (1 - position) + this.shades[other]! * position
    return this.table.node(mixture, shade)
  }

  /** A thin thing whose own colour no sample near by has: between a side and one of all tones. */
  private towardsTone(nearest: number, squared: number): number {
    const tone = this.mostLikely(this.toneLabs, this.sources.tones.length, nearest, squared, FAR_PENALTY)
    if (tone < 0) return this.byColour()
    const position = this.position
    const mixture = blendMixtures(this.mixtures[nearest]!, pureTone(tone), position)
    return this.table.node(mixture, this.shades[nearest]! * (1 - position))
  }

  /** What the last search found: the cost, and how far the pixel is on the way to the other colour, 0 to 1. */
  private leastCost = MAX_DEVIATION
  private position = 0

  /**
   * Of several colours the one for which the pixel lies closest to the line from its nearest side; -1 when none
   * is close enough. `squared` is the pixel's squared distance from that side.
   */
  private mostLikely(
    colours: Float64Array,
    count: number,
    nearest: number,
    squared: number,
    penalty: number,
  ): number {
    const labs = this.labs
    const fl = labs[nearest * 3]!
    const fa = labs[nearest * 3 + 1]!
    const fb = labs[nearest * 3 + 2]!
    const dl = this.lab[0]! - fl
    const da = this.lab[1]! - fa
    const db = this.lab[2]! - fb
    let best = -1
    let least = (MAX_DEVIATION - penalty) * (MAX_DEVIATION - penalty)
    let position = 0
    for (let colour = 0; colour < count; colour++) {
      const l = colours[colour * 3]! - fl
      const a = colours[colour * 3 + 1]! - fa
      const b = colours[colour * 3 + 2]! - fb
      const along = l * dl + a * da + b * db
      if (along <= 0) continue
      const length = l * l + a * a + b * b
      const deviation =
        along < length ? squared - (along * along) / length : (dl - l) ** 2 + (da - a) ** 2 + (db - b) ** 2
      if (deviation < least) {
        least = deviation
        best = colour
        position = along < length ? along / length : 1
      }
    }
    this.position = position
    this.leastCost = Math.sqrt(Math.max(0, least)) + penalty
    return best
  }

  private ofSide(side: number): number {
    const mixture = this.mixtures[side]!
    if (this.isFlat[side] === 0) return this.nodes[side]!
    return this.table.node(mixture, this.shadeOf(mixture))
  }

  private byColour(): number {
    const mixture = this.sources.memberships.mixtureOf(this.lab[0]!, this.lab[1]!, this.lab[2]!)
    return this.table.node(mixture, this.shadeOf(mixture))
  }

  private shadeOf(mixture: number): number {
    return this.sources.lightness.shade(this.lab[0]! * SHADE_STEPS, mixture)
  }
}
