/** Pixels of a smooth block of three tones: each is a mixture of them by its place, and a shade, in whole numbers. */
import * as block from './block'
import { edgeNode } from './edge-block'
import { base, byBlue, byGreen, byRed } from './lightness-slope'
import { mixturesOfThree, placeOfSteps, pureTone, SHARE_STEPS, stepsOf } from './mixture'
import { areExact, FIXED_BITS, FIXED_ONE, nodeOfFixed } from './node-table'
import { bytesOf, nodeOf as nodeAddress, offsetPx, stridePx, width } from './plane'
import { allowNear, DEAD, fourLightness, fourMixtures, isFar, storeFour, takeFour } from './shaded-pixels'
import { lightnessOfMixture } from './tones'

/**
 * Sorts the pixels of the block at hand, whose samples have these mixtures of three tones, lowest first; `sample` is the
 * colour that they are near to.
 */
export function sortAmongThree(
  sample: i32,
  first: i32,
  second: i32,
  third: i32,
  a: i32,
  b: i32,
  c: i32,
  d: i32,
): void {
  table = mixturesOfThree(first, second, third)
  const ofFirst = lightnessOfStep(first)
  light = ofFirst * SHARE_STEPS
  lightSecond = lightnessOfStep(second) - ofFirst
  lightThird = lightnessOfStep(third) - ofFirst
  const pixels = block.x1 - block.x0
  const byFour = pixels >= 4 && areExact()
  const secondA = <f64>stepsOf(a, second)
  const secondB = <f64>stepsOf(b, second)
  const secondC = <f64>stepsOf(c, second)
  const secondD = <f64>stepsOf(d, second)
  const thirdA = <f64>stepsOf(a, third)
  const thirdB = <f64>stepsOf(b, third)
  const thirdC = <f64>stepsOf(c, third)
  const thirdD = <f64>stepsOf(d, third)
  const step: f64 = 1 / <f64>stridePx
  const fromLeft = <f64>(block.x0 - offsetPx) * step - <f64>block.column
  allowNear(sample)
  for (let y = block.y0; y < block.y1; y++) {
    const fromTop = <f64>(y - offsetPx) * step - <f64>block.row
    const secondLeft = secondA + (secondC - secondA) * fromTop
    const secondGrowth = secondB + (secondD - secondB) * fromTop - secondLeft
    const thirdLeft = thirdA + (thirdC - thirdA) * fromTop
    const thirdGrowth = thirdB + (thirdD - thirdB) * fromTop - thirdLeft
    // With a half so that they are rounded.
    ofSecond = fixed(secondLeft + secondGrowth * fromLeft + 0.5)
    ofThird = fixed(thirdLeft + thirdGrowth * fromLeft + 0.5)
    growthSecond = fixed(secondGrowth * step)
    growthThird = fixed(thirdGrowth * step)
    const pixel = y * width + block.x0
    if (byFour) {
      for (let place = 0; place + 4 < pixels; place += 4) sortFour(pixel, place)
      // Begins among those before: what is sorted twice comes out the same.
      sortFour(pixel, pixels - 4)
    } else sortEach(pixel, 0, pixels)
  }
}

/** The mixtures of the block's tones. */
let table: usize = 0
/** What 32 parts of the lowest tone are in lightness, and how much lighter one of each other is. */
let light: i32 = 0
let lightSecond: i32 = 0
let lightThird: i32 = 0
/** 32nds of two tones at the first pixel of a row (with their fractions), and how they grow from each to the next. */
let ofSecond: i32 = 0
let ofThird: i32 = 0
let growthSecond: i32 = 0
let growthThird: i32 = 0

/** Sorts some pixels of a row that begins with a pixel, from a place in it to another. */
function sortEach(pixel: i32, start: i32, end: i32): void {
  for (let place = start; place < end; place++) {
    const at = bytesOf(pixel + place)
    const red = <i32>load<u8>(at)
    const green = <i32>load<u8>(at, 1)
    const blue = <i32>load<u8>(at, 2)
    let node: i32
    if (isFar(red, green, blue)) {
      node = edgeNode(block.column, block.row, (red << 16) | (green << 8) | blue)
    } else {
      const steps = (ofSecond + place * growthSecond) >> FIXED_BITS
      const more = (ofThird + place * growthThird) >> FIXED_BITS
      const off =
        base +
        byRed * red +
        byGreen * green +
        byBlue * blue -
        (light + lightSecond * steps + lightThird * more)
      const shade = off - min(DEAD, max(-DEAD, off))
      node = nodeOfFixed(mixtureOfPlace(steps, more), shade)
    }
    store<u16>(nodeAddress(pixel + place), <u16>node)
  }
}

/** The same for four pixels at once. */
function sortFour(pixel: i32, place: i32): void {
  if (!takeFour(pixel + place)) {
    sortEach(pixel, place, place + 4)
    return
  }
  const places = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(place))
  const steps = sharesOf(ofSecond, growthSecond, places)
  const more = sharesOf(ofThird, growthThird, places)
  const lightness = i32x4.add(
    i32x4.add(i32x4.splat(light), i32x4.mul(i32x4.splat(lightSecond), steps)),
    i32x4.mul(i32x4.splat(lightThird), more),
  )
  let mixtures = i32x4.splat(mixtureOfPlace(i32x4.extract_lane(steps, 0), i32x4.extract_lane(more, 0)))
  const second = mixtureOfPlace(i32x4.extract_lane(steps, 1), i32x4.extract_lane(more, 1))
  const third = mixtureOfPlace(i32x4.extract_lane(steps, 2), i32x4.extract_lane(more, 2))
  const fourth = mixtureOfPlace(i32x4.extract_lane(steps, 3), i32x4.extract_lane(more, 3))
  mixtures = i32x4.replace_lane(mixtures, 1, second)
  mixtures = i32x4.replace_lane(mixtures, 2, third)
  mixtures = i32x4.replace_lane(mixtures, 3, fourth)
  v128.store(fourMixtures, mixtures)
  v128.store(fourLightness, lightness)
  storeFour(pixel + place)
}

function mixtureOfPlace(steps: i32, more: i32): i32 {
  return <i32>load<u16>(table + ((<usize>placeOfSteps(steps, more)) << 1))
}

/** 32nds of a tone at four places. */
function sharesOf(share: i32, growth: i32, places: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.splat(share), i32x4.mul(i32x4.splat(growth), places)), FIXED_BITS)
}

/** What one 32nd of a tone adds to the lightness, in steps of a shade times FIXED_ONE. */
function lightnessOfStep(tone: i32): i32 {
  return <i32>((lightnessOfMixture(pureTone(tone)) * FIXED_ONE) / SHARE_STEPS)
}

function fixed(steps: f64): i32 {
  return <i32>(steps * FIXED_ONE)
}
