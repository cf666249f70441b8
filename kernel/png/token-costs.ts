/**
 * What tokens cost in a file, in quarters of a bit: an estimate, since the codes depend on colours that nobody knows yet.
 * Repetitions of the pixel at the left, in full length, and of the row above are the most frequent, so that their codes
 * are the shortest.
 */
import { distanceExtraBits, distanceSymbol, lengthExtraBits, lengthSymbol, MAX_LENGTH } from './deflate-codes'

export const PIXEL_COST: u32 = 80
export const ROW_COST: u32 = 12

const BIT_COST: u32 = 4
const LONGEST_COST: u32 = 6
const LENGTH_COST: u32 = 12
const SAME_PIXEL_COST: u32 = 6
const ROW_ABOVE_COST: u32 = 8
const NEAR_ABOVE_COST: u32 = 12
const DISTANCE_COST: u32 = 20
const PIXEL_BYTES: i32 = 3

let rowBytes: i32 = 0

/** Begins with an image of so many pixels a row. */
export function estimateFor(width: i32): void {
  rowBytes = PIXEL_BYTES * width + 1
}

export function repetitionCost(lengthBytes: i32, distanceBytes: i32): u32 {
  return lengthCost(lengthBytes) + distanceCost(distanceBytes)
}

function lengthCost(length: i32): u32 {
  if (length == MAX_LENGTH) return LONGEST_COST
  return LENGTH_COST + BIT_COST * <u32>lengthExtraBits(lengthSymbol(length))
}

function distanceCost(distance: i32): u32 {
  if (distance == PIXEL_BYTES) return SAME_PIXEL_COST
  const extra = BIT_COST * <u32>distanceExtraBits(distanceSymbol(distance))
  if (distance == rowBytes) return extra + ROW_ABOVE_COST
  return extra + (abs(distance - rowBytes) <= 2 * PIXEL_BYTES ? NEAR_ABOVE_COST : DISTANCE_COST)
}
