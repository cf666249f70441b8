/** The sides of a block at an edge: the colours that the samples near by name, and that may meet there. */
import {
  columns,
  EDGE,
  FLAT,
  GROUND,
  kinds,
  labs,
  mask,
  mixtures,
  NO_GROUND,
  nodesOfSamples,
  rgb,
  rows,
  shades,
} from './plane'

/** Colours that samples near by show: this many at most are told apart. */
const MAX_SIDES: i32 = 8
/** Samples closer than this (OKLab) show one colour. */
const SAME_DISTANCE: f32 = 0.025
/**
 * What a sample at an edge shows is a guess, as a highlight there looks like a mixture: squared distances from it count
 * so many times as much as those from a flat place.
 */
const EDGE_DOUBT: f32 = 9
/** Samples to either side of the block that are asked. */
const REACH_SAMPLES: i32 = 1

/** Lightness that lies far from all colours. */
const FAR: f32 = 1e9

/** OKLab of the sides, f32: lightness of all eight, then green-red, then blue-yellow. Behind the last one all is far. */
export const sideLabs: usize = memory.data(MAX_SIDES * 12, 16)
/** Their red, green and blue, 0 to 255, f32, in the same order. */
export const sideBytes: usize = memory.data(MAX_SIDES * 12, 16)
/** Of each side: `0xRRGGBB` of a flat place, else -1, mixture, node, i32 each; shade in steps, f64; doubt, f32. */
export const sideColours: usize = memory.data(MAX_SIDES * 4, 16)
export const sideMixtures: usize = memory.data(MAX_SIDES * 4, 16)
export const sideNodes: usize = memory.data(MAX_SIDES * 4, 16)
export const sideShades: usize = memory.data(MAX_SIDES * 8, 16)
export const sideDoubts: usize = memory.data(MAX_SIDES * 4, 16)
/** How many there are. */
export let sides: i32 = 0

/** Asks the samples around the block right of and below a sample. */
export function gatherSides(column: i32, row: i32): void {
  sides = 0
  v128.store(sideColours, i32x4.splat(-1))
  v128.store(sideColours, i32x4.splat(-1), 16)
  v128.store(sideLabs, f32x4.splat(FAR))
  v128.store(sideLabs, f32x4.splat(FAR), 16)
  v128.store(sideDoubts, f32x4.splat(1))
  v128.store(sideDoubts, f32x4.splat(1), 16)
  const top = max(0, row - REACH_SAMPLES)
  const bottom = min(rows - 1, row + 1 + REACH_SAMPLES)
  const left = max(0, column - REACH_SAMPLES)
  const right = min(columns - 1, column + 1 + REACH_SAMPLES)
  let edges = 0
  let last = -1
  // Flat places first: where an edge sample is like one of them, it says nothing new.
  for (let y = top; y <= bottom; y++) {
    for (let sample = y * columns + left; sample <= y * columns + right; sample++) {
      const colour = load<i32>(rgb + ((<usize>sample) << 2))
      if (colour == last) continue
      const kind = <i32>load<u8>(kinds + sample)
      if (kind == FLAT || load<u8>(mask + sample) == GROUND) {
        last = colour
        add(sample, true)
      } else if (kind == EDGE) edges++
    }
  }
  if (edges > 0) {
    for (let y = top; y <= bottom; y++) {
      for (let sample = y * columns + left; sample <= y * columns + right; sample++) {
        if (<i32>load<u8>(kinds + sample) == EDGE && load<u8>(mask + sample) == NO_GROUND) add(sample, false)
      }
    }
  }
}

/** The sides of a colour, as bits; it needs no reckoning. */
export function sidesOfColour(colour: i32): i32 {
  const wanted = i32x4.splat(colour)
  return (
    i32x4.bitmask(i32x4.eq(v128.load(sideColours), wanted)) |
    (i32x4.bitmask(i32x4.eq(v128.load(sideColours, 16), wanted)) << 4)
  )
}

function add(sample: usize, isFlat: bool): void {
  if (sides == MAX_SIDES || sidesOfColour(load<i32>(rgb + (sample << 2))) != 0) return
  const lab = labs + sample * 12
  const mixture = <i32>load<u16>(mixtures + (sample << 1))
  const near = nearerThanSame(lab, mixture, 0) | (sides > 4 ? nearerThanSame(lab, mixture, 4) : 0)
  if (near != 0) return
  const side = <usize>sides
  sides++
  store<f32>(sideLabs + (side << 2), load<f32>(lab))
  store<f32>(sideLabs + (side << 2), load<f32>(lab, 4), 32)
  store<f32>(sideLabs + (side << 2), load<f32>(lab, 8), 64)
  const colour = load<i32>(rgb + (sample << 2))
  store<f32>(sideBytes + (side << 2), <f32>(colour >> 16))
  store<f32>(sideBytes + (side << 2), <f32>((colour >> 8) & 255), 32)
  store<f32>(sideBytes + (side << 2), <f32>(colour & 255), 64)
  store<f64>(sideShades + (side << 3), <f64>load<f32>(shades + (sample << 2)))
  store<f32>(sideDoubts + (side << 2), isFlat ? 1 : EDGE_DOUBT)
  store<i32>(sideColours + (side << 2), isFlat ? colour : -1)
  store<i32>(sideMixtures + (side << 2), mixture)
  store<i32>(sideNodes + (side << 2), <i32>load<u16>(nodesOfSamples + (sample << 1)))
}

/** Which of four sides show the same as a sample, as bits: of the same mixture in other shades, or nearly the same. */
function nearerThanSame(lab: usize, mixture: i32, first: usize): i32 {
  const place = sideLabs + (first << 2)
  const dl = f32x4.sub(v128.load32_splat(lab), v128.load(place))
  const da = f32x4.sub(v128.load32_splat(lab, 4), v128.load(place, 32))
  const db = f32x4.sub(v128.load32_splat(lab, 8), v128.load(place, 64))
  const distances = f32x4.add(f32x4.add(f32x4.mul(dl, dl), f32x4.mul(da, da)), f32x4.mul(db, db))
  const isMixture = i32x4.eq(i32x4.splat(mixture), v128.load(sideMixtures + (first << 2)))
  const reach = v128.bitselect(
    f32x4.splat(SAME_DISTANCE * SAME_DISTANCE),
    f32x4.splat((SAME_DISTANCE * SAME_DISTANCE) / 16),
    isMixture,
  )
  return i32x4.bitmask(f32x4.lt(distances, reach))
}
