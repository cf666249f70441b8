/**
 * What a file is made of: pixels, each by its node; beginnings of rows, which are a byte that names the filter (none); and
 * repetitions of what came before. A token is an u32.
 */

/** Stands for the beginning of a row among the nodes. */
export const ROW: i32 = 0xffff
/** Marks repetitions: then come the length in bytes less three, eight bits, and the distance in bytes less one. */
export const REPEATS: u32 = 0x80000000
const DISTANCE_BITS: i32 = 15

export function repetition(lengthBytes: i32, distanceBytes: i32): u32 {
  return REPEATS | ((<u32>(lengthBytes - 3)) << DISTANCE_BITS) | (<u32>(distanceBytes - 1))
}

export function repeats(token: u32): bool {
  return (token & REPEATS) != 0
}

export function lengthOf(token: u32): i32 {
  return <i32>((token >> DISTANCE_BITS) & 0xff) + 3
}

export function distanceOf(token: u32): i32 {
  return <i32>(token & ((1 << DISTANCE_BITS) - 1)) + 1
}
