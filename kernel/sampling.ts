/** Takes the samples of an image, row by row, and tells edges from evenly coloured or smoothly shaded places. */
import { ownLab, setLab } from './lab-table'
import {
  bandBytes,
  channels,
  columns,
  EDGE,
  FLAT,
  HIDDEN,
  kinds,
  labs,
  listed,
  mask,
  NO_GROUND,
  offsetPx,
  rgb,
  stridePx,
  width,
} from './plane'

/** Colours are compared over this many pixels to either side. */
const SPAN_PX: i32 = 2
/** Part differences (0 to 255): what makes an edge, and what still belongs to an edge near by. */
const EDGE_STEP: u8 = 20
const FOOT_STEP: u8 = 4
const MIN_VISIBLE_ALPHA: i32 = 128
/** The parts of a pixel in a word. */
const PARTS: i32 = 0xffffff

/**
 * Takes the samples of a row. The lines of pixels that it lies in, and of those that it is compared with above and
 * below, begin so many bytes behind `bandBytes`. Lists the samples that are edge where one is near by; returns how many
 * those are.
 */
export function sampleRow(row: i32, above: usize, line: usize, below: usize): i32 {
  let sample = row * columns
  let last = -1
  let feet: usize = 0
  for (let column = 0; column < columns; column++) {
    const x = min(width - 1, offsetPx + column * stridePx)
    const at = <usize>(x * channels)
    const word = load<i32>(bandBytes + line + at)
    const colour = ((word & 255) << 16) | (word & 0xff00) | ((word >> 16) & 255)
    if (colour != last) {
      last = colour
      setLab(colour)
    }
    store<i32>(rgb + ((<usize>sample) << 2), colour)
    const lab = labs + <usize>sample * 12
    store<f32>(lab, load<f32>(ownLab))
    store<f32>(lab, load<f32>(ownLab, 4), 4)
    store<f32>(lab, load<f32>(ownLab, 8), 8)
    store<u8>(mask + <usize>sample, NO_GROUND)
    let kind = FLAT
    if (channels == 4 && word >>> 24 < MIN_VISIBLE_ALPHA) kind = HIDDEN
    else {
      const left = load<i32>(bandBytes + line + at - <usize>(min(x, SPAN_PX) * channels))
      const right = load<i32>(bandBytes + line + at + <usize>(min(width - 1 - x, SPAN_PX) * channels))
      const upper = load<i32>(bandBytes + above + at)
      const lower = load<i32>(bandBytes + below + at)
      if ((((left ^ right) | (upper ^ lower)) & PARTS) != 0) {
        const difference = partDifferences(left, right, upper, lower)
        if (reaches(difference, EDGE_STEP)) kind = EDGE
        else if (reaches(difference, FOOT_STEP)) {
          store<i32>(listed + (feet << 2), sample)
          feet++
        }
      }
    }
    store<u8>(kinds + <usize>sample, <u8>kind)
    sample++
  }
  return <i32>feet
}

/** The differences of the parts of one pixel from another, and of a second pair. */
function partDifferences(one: i32, other: i32, second: i32, secondOther: i32): v128 {
  const ones = i32x4.replace_lane(i32x4.splat(one & PARTS), 1, second & PARTS)
  const others = i32x4.replace_lane(i32x4.splat(other & PARTS), 1, secondOther & PARTS)
  return v128.or(i8x16.sub_sat_u(ones, others), i8x16.sub_sat_u(others, ones))
}

function reaches(differences: v128, step: u8): bool {
  return v128.any_true(i8x16.ge_u(differences, i8x16.splat(step)))
}
