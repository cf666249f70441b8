/** The sides of a block at an edge: the colours that the samples near by name, and that may meet there. */
import { columns, EDGE, FLAT, kinds, labs, mask, mixtures, nodesOfSamples, rgb, rows, shades } from './plane'

/** Colours that samples near by show: this many at most are told apart. */
const MAX_SIDES: i32 = 8
/** Samples closer than this (OKLab) show one colour. */
const SAME_DISTANCE: f64 = 0.025
/**
 * What a sample at an edge shows is a guess, as a highlight there looks like a mixture: squared distances from it count
 * so many times as much as those from a flat place.
 */
const EDGE_DOUBT: f64 = 9
/** Samples to either side of the block that are asked. */
const REACH_SAMPLES: i32 = 1

/** Lightness that lies far from all colours. */
const FAR: f64 = 1e9

/** OKLab of the sides, f64: lightness of all eight, then green-red, then blue-yellow. Behind an odd last one lies none. */
export const sideLabs: usize = memory.data(MAX_SIDES * 24, 16)
/** Of each side: `0xRRGGBB` of a flat place, else -1, mixture, node, i32 each; shade in steps, and doubt, f64. */
export const sideColours: usize = memory.data(MAX_SIDES * 4, 16)
export const sideMixtures: usize = memory.data(MAX_SIDES * 4, 16)
export const sideNodes: usize = memory.data(MAX_SIDES * 4, 16)
export const sideShades: usize = memory.data(MAX_SIDES * 8, 16)
export const sideDoubts: usize = memory.data(MAX_SIDES * 8, 16)
/** How many there are. */
export let sides: i32 = 0

/** Asks the samples around the block right of and below a sample. */
export function gatherSides(column: i32, row: i32): void {
  sides = 0
  memory.fill(sideColours, 0xff, MAX_SIDES * 4)
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
      if (kind == FLAT || load<u8>(mask + sample) == 1) {
        last = colour
        add(sample, true)
      } else if (kind == EDGE) edges++
    }
  }
  if (edges > 0) {
    for (let y = top; y <= bottom; y++) {
      for (let sample = y * columns + left; sample <= y * columns + right; sample++) {
        if (<i32>load<u8>(kinds + sample) == EDGE && load<u8>(mask + sample) == 0) add(sample, false)
      }
    }
  }
  if (sides % 2 != 0) {
    store<f64>(sideLabs + ((<usize>sides) << 3), FAR)
    store<f64>(sideDoubts + ((<usize>sides) << 3), 1)
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
  const l = <f64>load<f32>(lab)
  const a = <f64>load<f32>(lab, 4)
  const b = <f64>load<f32>(lab, 8)
  const mixture = <i32>load<u16>(mixtures + (sample << 1))
  for (let side: usize = 0; side < <usize>sides; side++) {
    const same = mixture == load<i32>(sideMixtures + (side << 2)) ? SAME_DISTANCE : SAME_DISTANCE / 4
    const place = sideLabs + (side << 3)
    const dl = l - load<f64>(place)
    const da = a - load<f64>(place, 64)
    const db = b - load<f64>(place, 128)
    if (dl * dl + da * da + db * db < same * same) return
  }
  const side = <usize>sides
  sides++
  store<f64>(sideLabs + (side << 3), l)
  store<f64>(sideLabs + (side << 3), a, 64)
  store<f64>(sideLabs + (side << 3), b, 128)
  const shade = <f64>load<f32>(shades + (sample << 2))
  store<f64>(sideShades + (side << 3), shade)
  store<f64>(sideDoubts + (side << 3), isFlat ? 1 : EDGE_DOUBT)
  store<i32>(sideColours + (side << 2), isFlat ? load<i32>(rgb + (sample << 2)) : -1)
  store<i32>(sideMixtures + (side << 2), mixture)
  store<i32>(sideNodes + (side << 2), <i32>load<u16>(nodesOfSamples + (sample << 1)))
}
