/** Pixels of a smooth block of more than three tones: each mixes them anew by its place, and keeps its shade. */
import * as block from './block'
import { edgeNode } from './edge-block'
import { base, byBlue, byGreen, byRed } from './lightness-slope'
import { mixFour, mixtureOfWeights, WEIGHT_BYTES, writeShares } from './mixing'
import { MAX_TONES } from './mixture'
import { FIXED_ONE, nodeOf as nodeOfShade } from './node-table'
import { bytesOf, colourAt, nodeOf as nodeAddress, offsetPx, stridePx, width } from './plane'
import { allowNear, isFar } from './shaded-pixels'
import { lightnessOfMixture, withoutNoise } from './tones'

/** Shares of the tones in the mixtures of the four samples, f64. */
const corners: usize = memory.data(4 * MAX_TONES * 8, 16)

/** Sorts the pixels of the block at hand, whose samples have these mixtures of some tones (as bits). */
export function sortManyTones(sample: i32, tones: i32, a: i32, b: i32, c: i32, d: i32): void {
  writeShares(a, corners)
  writeShares(b, corners + WEIGHT_BYTES)
  writeShares(c, corners + 2 * WEIGHT_BYTES)
  writeShares(d, corners + 3 * WEIGHT_BYTES)
  const step: f64 = 1 / <f64>stridePx
  allowNear(sample)
  for (let y = block.y0; y < block.y1; y++) {
    const fromTop = <f64>(y - offsetPx) * step - <f64>block.row
    for (let x = block.x0; x < block.x1; x++) {
      const pixel = y * width + x
      const colour = colourAt(bytesOf(pixel))
      if (isFar(colour >> 16, (colour >> 8) & 255, colour & 255)) {
        store<u16>(nodeAddress(pixel), <u16>edgeNode(block.column, block.row, colour))
        continue
      }
      const fromLeft = <f64>(x - offsetPx) * step - <f64>block.column
      mixFour(
        corners,
        (1 - fromLeft) * (1 - fromTop),
        fromLeft * (1 - fromTop),
        (1 - fromLeft) * fromTop,
        fromLeft * fromTop,
      )
      store<u16>(nodeAddress(pixel), <u16>nodeOfColour(colour, mixtureOfWeights(tones)))
    }
  }
}

function nodeOfColour(colour: i32, mixture: i32): i32 {
  const ofParts = base + byRed * (colour >> 16) + byGreen * ((colour >> 8) & 255) + byBlue * (colour & 255)
  return nodeOfShade(mixture, withoutNoise(<f64>ofParts / FIXED_ONE - lightnessOfMixture(mixture)))
}
