/** The codes of lengths and distances (RFC 1951, 3.2.5): each stands for a range, extra bits tell the place in it. */

export const MIN_LENGTH: i32 = 3
export const MAX_LENGTH: i32 = 258
export const MAX_DISTANCE: i32 = 32768

/** Symbols of the first alphabet: bytes, the end of the block, lengths; and of the second: distances. */
export const END_OF_BLOCK: i32 = 256
export const FIRST_LENGTH: i32 = 257
export const LITERAL_SYMBOLS: i32 = 286
export const DISTANCE_SYMBOLS: i32 = 30

/** Symbol of each length from {@link MIN_LENGTH} on, less {@link FIRST_LENGTH}, u8. */
const symbols: usize = memory.data(MAX_LENGTH - MIN_LENGTH + 1)

/** Lengths that a symbol's range begins with, less {@link MIN_LENGTH}; the longest has a symbol of its own. */
function firstOfSymbol(symbol: i32): i32 {
  if (symbol < 8) return symbol
  if (symbol == 28) return MAX_LENGTH - MIN_LENGTH
  const extra = lengthExtraBits(symbol)
  return (4 + (symbol & 3)) << extra
}

function numberLengths(): void {
  for (let symbol = 0; symbol < 29; symbol++) {
    for (let length = firstOfSymbol(symbol); length <= MAX_LENGTH - MIN_LENGTH; length++) {
      store<u8>(symbols + <usize>length, <u8>symbol)
    }
  }
}

/** Symbol of a length, less {@link FIRST_LENGTH}. */
export function lengthSymbol(length: i32): i32 {
  return <i32>load<u8>(symbols + <usize>(length - MIN_LENGTH))
}

export function lengthExtraBits(symbol: i32): i32 {
  return symbol < 8 || symbol == 28 ? 0 : (symbol >> 2) - 1
}

/** Place of a length in the range of its symbol. */
export function lengthExtra(length: i32, symbol: i32): i32 {
  return length - MIN_LENGTH - firstOfSymbol(symbol)
}

export function distanceSymbol(distance: i32): i32 {
  const place = distance - 1
  if (place < 4) return place
  const top = 31 - clz(place)
  return 2 * top + ((place >> (top - 1)) & 1)
}

export function distanceExtraBits(symbol: i32): i32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1
}

/** Place of a distance in the range of its symbol: its lowest bits. */
export function distanceExtra(distance: i32, symbol: i32): i32 {
  return (distance - 1) & ((1 << distanceExtraBits(symbol)) - 1)
}

numberLengths()
