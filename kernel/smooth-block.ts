/**
 * Blocks where tones run into each other, or of one tone in its shades: every pixel takes its mixture by its place
 * between the four samples, each of which counts the more the nearer it is, so that nothing jumps from block to block;
 * and it keeps its shade. All is reckoned in whole numbers, which is half the work.
 */
import * as block from './block'
import { setSlopeAt } from './lightness-slope'
import { sortManyTones } from './many-tones'
import { mixtureOf, SHARE_STEPS, stepsOf, tonesOf } from './mixture'
import { areExact, FIXED_ONE } from './node-table'
import { mixtures, offsetPx, rgb, stridePx, width } from './plane'
import { allowNear, between, betweenLightness, sortEach, sortFour } from './shaded-pixels'
import { sortAmongThree } from './three-tones'
import { lightnessOfMixture } from './tones'

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
  const tones = tonesOf(a) | tonesOf(b) | tonesOf(c) | tonesOf(d)
  const lower = ctz(tones)
  const higher = 31 - clz(tones)
  const count = popcnt(tones)
  if (count <= 2) {
    setTones(lower, higher)
    sortBetween(sample, shareOf(higher, a), shareOf(higher, b), shareOf(higher, c), shareOf(higher, d))
  } else if (count == 3) sortAmongThree(sample, lower, ctz(tones & (tones - 1)), higher, a, b, c, d)
  else sortManyTones(sample, tones, a, b, c, d)
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

/** Share of a tone in a mixture, 0 to 1. */
function shareOf(tone: i32, mixture: i32): f64 {
  return <f64>stepsOf(mixture, tone) / SHARE_STEPS
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
