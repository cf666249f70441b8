import type { EdgeBlock } from './edge-block.ts'
import { LightnessSlope } from './lightness-slope.ts'
import {
  addMixture,
  firstTone,
  mixtureOf,
  mixtureOfWeights,
  pureTone,
  secondShare,
  secondTone,
  SHARE_STEPS,
  type Mixture,
} from './mixture.ts'
import { DEAD_STEPS, type MixtureLightness } from './mixture-lightness.ts'
import { FIXED_BITS, FIXED_ONE, type NodeTable } from './node-table.ts'
import type { PixelBlock } from './pixel-block.ts'
import type { SamplePlane } from './sample-plane.ts'
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
    this.slope.setAt(this.plane.rgb[block.a]!)
    const a = this.mixtures[block.a]!
    const b = this.mixtures[block.b]!
    const c = this.mixtures[block.c]!
    const d = this.mixtures[block.d]!
    const low = Math.min(firstTone(a), firstTone(b), firstTone(c), firstTone(d))
    const high = Math.max(secondTone(a), secondTone(b), secondTone(c), secondTone(d))
    this.setTones(low, high)
    const shareA = this.shareOfHigh(a)
    const shareB = this.shareOfHigh(b)
    const shareC = this.shareOfHigh(c)
    const shareD = this.shareOfHigh(d)
    const { column, row, x0, x1 } = block
    const { stridePx, offsetPx } = this.plane
    const fromLeft = (x0 - offsetPx) / stridePx - column
    for (let y = block.y0; y < block.y1; y++) {
      const fromTop = (y - offsetPx) / stridePx - row
      if (shareA < 0 || shareB < 0 || shareC < 0 || shareD < 0) {
        this.sortManyTones(block, y, a, b, c, d, fromTop)
        continue
      }
      const left = shareA + (shareC - shareA) * fromTop
      const right = shareB + (shareD - shareB) * fromTop
      const unit = SHARE_STEPS * FIXED_ONE
      const start = (left + (right - left) * fromLeft) * unit + FIXED_ONE / 2
      this.sortRow(block, y, x0, x1, start | 0, (((right - left) / stridePx) * unit) | 0)
    }
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

  /** Pixels of a row; the share of the higher tone begins with `share` and grows by `growth` a pixel. */
  private sortRow(block: PixelBlock, y: number, x0: number, x1: number, share: number, growth: number): void {
    const { image, bytes, rgb } = this.plane
    const { width, channels } = image
    const { base, red: byRed, green: byGreen, blue: byBlue } = this.slope
    const { between, betweenLightness, table, nodeOfPixel: nodes } = this
    const sample = rgb[block.a]!
    const lowRed = (sample >> 16) - MAX_STEP
    const lowGreen = ((sample >> 8) & 255) - MAX_STEP
    const lowBlue = (sample & 255) - MAX_STEP
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
      if (isFar) {
        nodes[pixel] = this.edge.nodeOf(block.column, block.row, (red << 16) | (green << 8) | blue)
      } else {
        const steps = share >> FIXED_BITS
        const off =
          (base +
            Math.imul(byRed, red) +
            Math.imul(byGreen, green) +
            Math.imul(byBlue, blue) -
            betweenLightness[steps]!) |
          0
        const shade = off > DEAD ? off - DEAD : off < -DEAD ? off + DEAD : 0
        nodes[pixel] = table.nodeOfFixed(between[steps]!, shade)
      }
      share = (share + growth) | 0
    }
  }

  /** The same where more than two tones meet: each pixel mixes them anew, and becomes a row of its own. */
  private sortManyTones(
    block: PixelBlock,
    y: number,
    a: Mixture,
    b: Mixture,
    c: Mixture,
    d: Mixture,
    fromTop: number,
  ): void {
    const { stridePx, offsetPx } = this.plane
    const weights = this.weights
    for (let x = block.x0; x < block.x1; x++) {
      const fromLeft = (x - offsetPx) / stridePx - block.column
      weights.fill(0)
      addMixture(weights, a, (1 - fromLeft) * (1 - fromTop))
      addMixture(weights, b, fromLeft * (1 - fromTop))
      addMixture(weights, c, (1 - fromLeft) * fromTop)
      addMixture(weights, d, fromLeft * fromTop)
      const mixture = mixtureOfWeights(weights, weights.length)
      this.setTones(firstTone(mixture), secondTone(mixture))
      const isPure = mixture === pureTone(firstTone(mixture))
      const steps = isPure ? 0 : secondShare(mixture) * SHARE_STEPS
      this.sortRow(block, y, x, x + 1, steps * FIXED_ONE, 0)
    }
  }
}
