/**
 * Blocks where tones run into each other, or of one tone in its shades: every pixel takes its mixture by its place
 * between the four samples, each of which counts the more the nearer it is, so that nothing jumps from block to block;
 * and it keeps its shade. All is reckoned in whole numbers, which is half the work.
 */
import * as block from './block'
import { edgeNode } from './edge-block'
import { base, byBlue, byGreen, byRed, setSlopeAt } from './lightness-slope'
import {
  addMixture,
  clearWeights,
  firstTone,
  mixtureOf,
  mixtureOfWeights,
  secondShare,
  secondTone,
  SHARE_STEPS,
} from './mixture'
import { areExact, FIXED_ONE, nodeOf as nodeOfShade } from './node-table'
import {
  bytesOf,
  colourAt,
  difference,
  mixtures,
  nodeOf as nodeAddress,
  offsetPx,
  rgb,
  stridePx,
  width,
} from './plane'
import { allowNear, between, betweenLightness, MAX_STEP, sortEach, sortFour } from './shaded-pixels'
import { lightnessOfMixture, toneCount, withoutNoise } from './tones'

/** The two tones whose mixtures are in place. */
let low: i32 = -1
let high: i32 = -1

/** Forgets the last image. */
export function resetSmooth(): void {
  low = -1
  high = -1
}

function mixtureOfSample(sample: usize): i32 {
  return <i32>load<u16>(mixtures + (sample << 1))
}

/** Sorts all pixels of the block at hand. */
export function sortSmooth(): void {
  const a = mixtureOfSample(block.a)
  const b = mixtureOfSample(block.b)
  const c = mixtureOfSample(block.c)
  const d = mixtureOfSample(block.d)
  const sample = load<i32>(rgb + ((<usize>block.a) << 2))
  setSlopeAt(sample)
  if (a == b && a == c && a == d) {
    setTones(firstTone(a), secondTone(a))
    const share = shareOfHigh(a)
    sortBetween(sample, share, share, share, share)
    return
  }
  setTones(
    min(min(firstTone(a), firstTone(b)), min(firstTone(c), firstTone(d))),
    max(max(secondTone(a), secondTone(b)), max(secondTone(c), secondTone(d))),
  )
  const shareA = shareOfHigh(a)
  const shareB = shareOfHigh(b)
  const shareC = shareOfHigh(c)
  const shareD = shareOfHigh(d)
  if (shareA < 0 || shareB < 0 || shareC < 0 || shareD < 0) sortManyTones(sample, a, b, c, d)
  else sortBetween(sample, shareA, shareB, shareC, shareD)
}

function setTones(lower: i32, higher: i32): void {
  if (lower == low && higher == high) return
  low = lower
  high = higher
  for (let steps = 0; steps <= SHARE_STEPS; steps++) {
    const mixture = mixtureOf(lower, higher, <f64>steps / SHARE_STEPS)
    store<i32>(between + ((<usize>steps) << 2), mixture)
    store<i32>(betweenLightness + ((<usize>steps) << 2), <i32>(lightnessOfMixture(mixture) * FIXED_ONE))
  }
}

/** Share of the higher tone of the block in a mixture; -1 where the mixture has a third one. */
function shareOfHigh(mixture: i32): f64 {
  const one = firstTone(mixture)
  const other = secondTone(mixture)
  if (one == other) return one == low ? 0 : one == high ? 1 : -1
  return one == low && other == high ? secondShare(mixture) : -1
}

/** A block of two tones at most, with the share of the higher one at its corners. */
function sortBetween(sample: i32, shareA: f64, shareB: f64, shareC: f64, shareD: f64): void {
  const unit: f64 = SHARE_STEPS * FIXED_ONE
  const step: f64 = 1 / <f64>stridePx
  const x0 = block.x0
  const pixels = block.x1 - x0
  const byFour = pixels >= 4 && areExact()
  const fromLeft = <f64>(x0 - offsetPx) * step - <f64>block.column
  allowNear(sample)
  for (let y = block.y0; y < block.y1; y++) {
    const fromTop = <f64>(y - offsetPx) * step - <f64>block.row
    const left = shareA + (shareC - shareA) * fromTop
    const growth = shareB + (shareD - shareB) * fromTop - left
    // Of the higher tone, with a half so that it is rounded.
    const share = <i32>((left + growth * fromLeft) * unit + FIXED_ONE / 2)
    const growthPx = <i32>(growth * step * unit)
    const pixel = y * width + x0
    if (byFour) {
      // The last four may begin among those before: what is sorted twice comes out the same.
      for (let first = 0; first + 4 < pixels; first += 4)
        sortFour(pixel + first, share + first * growthPx, growthPx)
      sortFour(pixel + pixels - 4, share + (pixels - 4) * growthPx, growthPx)
    } else sortEach(pixel, pixels, share, growthPx)
  }
}

/** A block where more than two tones meet: every pixel mixes them anew. */
function sortManyTones(sample: i32, a: i32, b: i32, c: i32, d: i32): void {
  const step: f64 = 1 / <f64>stridePx
  for (let y = block.y0; y < block.y1; y++) {
    const fromTop = <f64>(y - offsetPx) * step - <f64>block.row
    for (let x = block.x0; x < block.x1; x++) {
      const at = bytesOf(y * width + x)
      const node = nodeAddress(y * width + x)
      const colour = colourAt(at)
      if (difference(colour, sample) > MAX_STEP) {
        store<u16>(node, <u16>edgeNode(block.column, block.row, colour))
        continue
      }
      const fromLeft = <f64>(x - offsetPx) * step - <f64>block.column
      clearWeights()
      addMixture(a, (1 - fromLeft) * (1 - fromTop))
      addMixture(b, fromLeft * (1 - fromTop))
      addMixture(c, (1 - fromLeft) * fromTop)
      addMixture(d, fromLeft * fromTop)
      const mixture = mixtureOfWeights(toneCount)
      const ofParts =
        base + byRed * (colour >> 16) + byGreen * ((colour >> 8) & 255) + byBlue * (colour & 255)
      const off = <f64>ofParts / FIXED_ONE - lightnessOfMixture(mixture)
      store<u16>(node, <u16>nodeOfShade(mixture, withoutNoise(off)))
    }
  }
}
