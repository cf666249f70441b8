/** Which samples are of the background, and where it has to be looked at more closely. */
import {
  columns,
  difference,
  FLAT,
  GROUND,
  HIDDEN,
  kinds,
  listed,
  mask,
  nearestTones,
  NO_GROUND,
  rgb,
  rows,
} from './plane'

/** 1 for each sample that differs from the background by noise at most, u8; good until the samples are mixed. */
export function alikeSamples(): usize {
  return nearestTones
}

/**
 * Sets the mask on the samples that differ from a `0xRRGGBB` colour by so much as a hole may, and {@link alikeSamples} on
 * those that differ by noise.
 */
export function markAlike(colour: i32, holeStep: i32, noiseStep: i32): void {
  const alike = nearestTones
  for (let sample: usize = 0; sample < <usize>(columns * rows); sample++) {
    const own = load<i32>(rgb + (sample << 2))
    const isHidden = <i32>load<u8>(kinds + sample) == HIDDEN
    const step = isHidden ? 255 : own == colour ? 0 : difference(own, colour)
    store<u8>(mask + sample, u8(step <= holeStep))
    store<u8>(alike + sample, u8(step <= noiseStep))
  }
}

/** Neighbours of a sample that are not of the background, as bits. */
const LEFT: i32 = 1
const RIGHT: i32 = 2
const ABOVE: i32 = 4
const BELOW: i32 = 8
const DIRECTIONS: i32 = 4

/**
 * Lists the background's samples beside others: the number of each times 16, and bits for the others at its left, right,
 * above and below. Returns how many there are.
 */
export function listFrontier(): i32 {
  let sample: usize = 0
  let count: usize = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (load<u8>(mask + sample) == GROUND) {
        let others = 0
        if (column > 0 && load<u8>(mask + sample - 1) == NO_GROUND) others |= LEFT
        if (column < columns - 1 && load<u8>(mask + sample + 1) == NO_GROUND) others |= RIGHT
        if (row > 0 && load<u8>(mask + sample - columns) == NO_GROUND) others |= ABOVE
        if (row < rows - 1 && load<u8>(mask + sample + columns) == NO_GROUND) others |= BELOW
        if (others != 0) {
          store<u32>(listed + (count << 2), ((<u32>sample) << DIRECTIONS) | others)
          count++
        }
      }
      sample++
    }
  }
  return <i32>count
}

/** Lists the flat samples beside the background that differ from its colour by so much at most; returns how many. */
export function listNearGround(colour: i32, maxStep: i32): i32 {
  let count: usize = 0
  for (let sample: usize = 0; sample < <usize>(columns * rows); sample++) {
    if (load<u8>(mask + sample) != NO_GROUND || <i32>load<u8>(kinds + sample) != FLAT) continue
    if (difference(load<i32>(rgb + (sample << 2)), colour) > maxStep) continue
    store<u32>(listed + (count << 2), <u32>sample)
    count++
  }
  return <i32>count
}
