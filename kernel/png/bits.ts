/** Writes bits, the first one lowest, to bytes. */

/** Where the next byte goes. */
export let writtenTo: usize = 0
/** Bits that do not fill a byte yet, seven at most, and how many they are. */
let pending: u64 = 0
let pendingBits: i32 = 0

/** Begins anew, at a place. */
export function openBits(at: usize): void {
  pending = 0
  pendingBits = 0
  writtenTo = at
}

/** Goes on at another place. */
export function moveBits(at: usize): void {
  writtenTo = at
}

/** Writes some bits of a number, 56 at most; eight bytes from {@link writtenTo} on may change. */
export function putBits(value: u64, bits: i32): void {
  const all = pending | (value << pendingBits)
  const count = pendingBits + bits
  store<u64>(writtenTo, all)
  writtenTo += <usize>(count >> 3)
  pending = all >> (count & ~7)
  pendingBits = count & 7
}

/** Fills the last byte up. */
export function closeBits(): void {
  if (pendingBits > 0) putBits(0, 8 - pendingBits)
}

/** How many bits have been put since a place where writing began. */
export function bitsSince(at: usize): i32 {
  return ((<i32>(writtenTo - at)) << 3) + pendingBits
}
