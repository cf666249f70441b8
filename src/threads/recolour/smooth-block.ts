import type { EdgeBlock } from './edge-block.ts'
import { LightnessSlope } from './lightness-slope.ts'
import {
  addMixture,
  firstTone,
  mixtureOf,
  mixtureOfWeights,
  secondShare,
  secondTone,
  SHARE_STEPS,
  type Mixture,
} from './mixture.ts'
import { DEAD_STEPS, withoutNoise, type MixtureLightness } from './mixture-lightness.ts'
import { FIXED_BITS, FIXED_ONE, type NodeTable } from './node-table.ts'
import type { PixelBlock } from './pixel-block.ts'
import { partDifference, type SamplePlane } from './sample-plane.ts'
import type { SortSources } from './upsampling.ts'

/** A pixel between smooth samples may differ this much from the first of them in any part. */
const MAX_STEP = 42
const DEAD = DEAD_STEPS * FIXED_ONE

/**
 * Sorts blocks where tones run into each other, or of one tone in its shades: every pixel takes its mixture by its
 * place between the four samples, each of which counts the more the nearer it is, so that nothing jumps from block to
 * block; and it keeps its shade. All is reckoned in whole numbers, which is half the work.
 */
export class SmoothBlock {
  private readonly plane: SamplePlane
  private readonly mixtures: Uint16Array
  private readonly lightness: MixtureLightness
  private readonly table: NodeTable
  private readonly edge: EdgeBlock
  private readonly nodeOfPixel: Uint16Array
  private readonly slope = new LightnessSlope()
  private readonly weights: Float64Array
  /** The mixtures on the way from the lower to the higher of two tones, and their lightness. */
  private readonly between = new Uint16Array(SHARE_STEPS + 1)
  private readonly betweenLightness = new Int32Array(SHARE_STEPS + 1)
  private low = -1
  private high = -1

  constructor(sources: SortSources, table: NodeTable, edge: EdgeBlock, nodeOfPixel: Uint16Array) {
    this.plane = sources.plane
    this.mixtures = sources.samples.mixtures
    this.lightness = sources.lightness
    this.table = table
    this.edge = edge
    this.nodeOfPixel = nodeOfPixel
    this.weights = new Float64Array(sources.tones.length)
  }

  sort(block: PixelBlock): void {
    const a = this.mixtures[block.a]!
    const b = this.mixtures[block.b]!
    const c = this.mixtures[block.c]!
    const d = this.mixtures[block.d]!
    const sample = this.plane.rgb[block.a]!
    this.slope.setAt(sample)
    if (a === b && a === c && a === d) {
      this.setTones(firstTone(a), secondTone(a))
      const share = this.shareOfHigh(a)
      this.sortBetween(block, sample, share, share, share, share)
      return
    }
    this.setTones(
      Math.min(firstTone(a), firstTone(b), firstTone(c), firstTone(d)),
      Math.max(secondTone(a), secondTone(b), secondTone(c), secondTone(d)),
    )
    const shareA = this.shareOfHigh(a)
    const shareB = this.shareOfHigh(b)
    const shareC = this.shareOfHigh(c)
    const shareD = this.shareOfHigh(d)
    if (shareA < 0 || shareB < 0 || shareC < 0 || shareD < 0) this.sortManyTones(block, sample, a, b, c, d)
    else this.sortBetween(block, sample, shareA, shareB, shareC, shareD)
  }

  private setTones(low: number, high: number): void {
    if (low === this.low && high === this.high) return
    this.low = low
    this.high = high
    for (let steps = 0; steps <= SHARE_STEPS; steps++) {
      const mixture = mixtureOf(low, high, steps / SHARE_STEPS)
      this.between[steps] = mixture
      this.betweenLightness[steps] = this.lightness.of(mixture) * FIXED_ONE
    }
  }

  /** Share of the higher tone of the block in a mixture; -1 where the mixture has a third one. */
  private shareOfHigh(mixture: Mixture): number {
    const one = firstTone(mixture)
    const other = secondTone(mixture)
    if (one === other) return one === this.low ? 0 : one === this.high ? 1 : -1
    return one === this.low && other === this.high ? secondShare(mixture) : -1
  }

  /** A block of two tones at most, with the share of the higher one at its corners. */
  private sortBetween(
    { column, row, x0, x1, y0, y1 }: PixelBlock,
    sample: number,
    shareA: number,
    shareB: number,
    shareC: number,
    shareD: number,
  ): void {
    const { image, bytes, stridePx, offsetPx } = this.plane
    const { width, channels } = image
    const { base, red: byRed, green: byGreen, blue: byBlue } = this.slope
    const { between, betweenLightness, table, edge, nodeOfPixel: nodes } = this
    const lowRed = (sample >> 16) - MAX_STEP
    const lowGreen = ((sample >> 8) & 255) - MAX_STEP
    const lowBlue = (sample & 255) - MAX_STEP
    const unit = SHARE_STEPS * FIXED_ONE
    const step = 1 / stridePx
    const fromLeft = (x0 - offsetPx) * step - column
    for (let y = y0; y < y1; y++) {
      const fromTop = (y - offsetPx) * step - row
      const left = shareA + (shareC - shareA) * fromTop
      const growth = shareB + (shareD - shareB) * fromTop - left
      // Of the higher tone, with a half so that it is rounded.
      let share = ((left + growth * fromLeft) * unit + FIXED_ONE / 2) | 0
      const growthPx = (growth * step * unit) | 0
      const end = y * width + x1
      for (let pixel = y * width + x0, at = pixel * channels; pixel < end; pixel++, at += channels) {
        const red = bytes[at]!
        const green = bytes[at + 1]!
        const blue = bytes[at + 2]!
        // A part below its range becomes a large number, so that one comparison sees both ends.
        const isFar =
          (red - lowRed) >>> 0 > 2 * MAX_STEP ||
          (green - lowGreen) >>> 0 > 2 * MAX_STEP ||
          (blue - lowBlue) >>> 0 > 2 * MAX_STEP
        if (isFar) nodes[pixel] = edge.nodeOf(column, row, (red << 16) | (green << 8) | blue)
        else {
          const steps = share >> FIXED_BITS
          const ofParts = base + Math.imul(byRed, red) + Math.imul(byGreen, green) + Math.imul(byBlue, blue)
          const off = (ofParts - betweenLightness[steps]!) | 0
          nodes[pixel] = table.nodeOfFixed(
            between[steps]!,
            off > DEAD ? off - DEAD : off < -DEAD ? off + DEAD : 0,
          )
        }
        share = (share + growthPx) | 0
      }
    }
  }

  /** A block where more than two tones meet: every pixel mixes them anew. */
  private sortManyTones(
    { column, row, x0, x1, y0, y1 }: PixelBlock,
    sample: number,
    a: Mixture,
    b: Mixture,
    c: Mixture,
    d: Mixture,
  ): void {
    const { image, bytes, stridePx, offsetPx } = this.plane
    const { base, red: byRed, green: byGreen, blue: byBlue } = this.slope
    const { weights, lightness, table, edge, nodeOfPixel: nodes } = this
    const step = 1 / stridePx
    for (let y = y0; y < y1; y++) {
      const fromTop = (y - offsetPx) * step - row
      for (let x = x0; x < x1; x++) {
        const pixel = y * image.width + x
        const at = pixel * image.channels
        const colour = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
        if (partDifference(colour, sample) > MAX_STEP) {
          nodes[pixel] = edge.nodeOf(column, row, colour)
          continue
        }
        const fromLeft = (x - offsetPx) * step - column
        weights.fill(0)
        addMixture(weights, a, (1 - fromLeft) * (1 - fromTop))
        addMixture(weights, b, fromLeft * (1 - fromTop))
        addMixture(weights, c, (1 - fromLeft) * fromTop)
        addMixture(weights, d, fromLeft * fromTop)
        const mixture = mixtureOfWeights(weights, weights.length)
        const ofParts = base + byRed * bytes[at]! + byGreen * bytes[at + 1]! + byBlue * bytes[at + 2]!
        nodes[pixel] = table.node(mixture, withoutNoise(ofParts / FIXED_ONE - lightness.of(mixture)))
      }
    }
  }
}
