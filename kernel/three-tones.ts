/** Pixels of a smooth block of three tones: each is a mixture of them by its place, and a shade, in whole numbers. */
import * as block from './block'
import { edgeNode } from './edge-block'
import { base, byBlue, byGreen, byRed } from './lightness-slope'
import { mixtureOfSteps, pureTone, SHARE_STEPS, stepsOf } from './mixture'
import { FIXED_BITS, FIXED_ONE, nodeOfFixed } from './node-table'
import { bytesOf, channels, nodeOf as nodeAddress, offsetPx, stridePx, width } from './plane'
import { allowNear, DEAD, isFar } from './shaded-pixels'
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
  const light = lightnessOfStep(first)
  const lightSecond = lightnessOfStep(second) - light
  const lightThird = lightnessOfStep(third) - light
  const step: f64 = 1 / <f64>stridePx
  const fromLeft = <f64>(block.x0 - offsetPx) * step - <f64>block.column
  allowNear(sample)
  for (let y = block.y0; y < block.y1; y++) {
    const fromTop = <f64>(y - offsetPx) * step - <f64>block.row
    const secondLeft = atLeft(second, a, c, fromTop)
    const secondGrowth = atLeft(second, b, d, fromTop) - secondLeft
    const thirdLeft = atLeft(third, a, c, fromTop)
    const thirdGrowth = atLeft(third, b, d, fromTop) - thirdLeft
    // With a half so that they are rounded.
    let ofSecond = fixed(secondLeft + secondGrowth * fromLeft + 0.5)
    let ofThird = fixed(thirdLeft + thirdGrowth * fromLeft + 0.5)
    const growthSecond = fixed(secondGrowth * step)
    const growthThird = fixed(thirdGrowth * step)
    let at = bytesOf(y * width + block.x0)
    let node = nodeAddress(y * width + block.x0)
    for (let x = block.x0; x < block.x1; x++) {
      const red = <i32>load<u8>(at)
      const green = <i32>load<u8>(at, 1)
      const blue = <i32>load<u8>(at, 2)
      if (isFar(red, green, blue)) {
        store<u16>(node, <u16>edgeNode(block.column, block.row, (red << 16) | (green << 8) | blue))
      } else {
        const steps = ofSecond >> FIXED_BITS
        const more = ofThird >> FIXED_BITS
        const lightness = light * SHARE_STEPS + lightSecond * steps + lightThird * more
        const off = base + byRed * red + byGreen * green + byBlue * blue - lightness
        const shade = off - min(DEAD, max(-DEAD, off))
        store<u16>(node, <u16>nodeOfFixed(mixtureOfSteps(first, second, third, steps, more), shade))
      }
      ofSecond += growthSecond
      ofThird += growthThird
      at += <usize>channels
      node += 2
    }
  }
}

/** What one 32nd of a tone adds to the lightness, in steps of a shade times FIXED_ONE. */
function lightnessOfStep(tone: i32): i32 {
  return <i32>((lightnessOfMixture(pureTone(tone)) * FIXED_ONE) / SHARE_STEPS)
}

/** 32nds of a tone between an upper and a lower sample. */
function atLeft(tone: i32, upper: i32, lower: i32, fromTop: f64): f64 {
  const above = <f64>stepsOf(upper, tone)
  return above + (<f64>stepsOf(lower, tone) - above) * fromTop
}

function fixed(steps: f64): i32 {
  return <i32>(steps * FIXED_ONE)
}
