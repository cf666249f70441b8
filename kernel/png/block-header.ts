/** The lengths of a block's codes as they stand at its head (RFC 1951, 3.2.7), themselves coded. */
import { putBits } from './bits'
import { DISTANCE_SYMBOLS, END_OF_BLOCK, LITERAL_SYMBOLS } from './deflate-codes'
import { measureCodes, numberCodes } from './huffman'

const DYNAMIC_CODES: u64 = 2
/** Lengths stand for themselves; three more symbols are for repetitions. */
const REPEAT_LAST: i32 = 16
const FEW_NONE: i32 = 17
const MANY_NONE: i32 = 18
const SYMBOLS: i32 = 19
const MAX_BITS: i32 = 7
/** The order in which lengths of the lengths' own codes stand. */
const order: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])

/** Lengths of both alphabets one after the other, u8. */
const all: usize = memory.data(LITERAL_SYMBOLS + DISTANCE_SYMBOLS, 16)
/** What is written: symbols, u8, and the number in their extra bits, u8. */
const written: usize = memory.data((LITERAL_SYMBOLS + DISTANCE_SYMBOLS) * 2, 16)
let writtenCount: i32 = 0

const counts: usize = memory.data(SYMBOLS * 4, 16)
const lengths: usize = memory.data(SYMBOLS, 16)
const codes: usize = memory.data(SYMBOLS * 2, 16)

/** Begins the block, the only one of its file, with the lengths of its codes, u8 each. */
export function putHeader(literalLengths: usize, distanceLengths: usize): void {
  const literals = usedSymbols(literalLengths, LITERAL_SYMBOLS, END_OF_BLOCK + 1)
  const distances = usedSymbols(distanceLengths, DISTANCE_SYMBOLS, 1)
  memory.copy(all, literalLengths, <usize>literals)
  memory.copy(all + <usize>literals, distanceLengths, <usize>distances)
  gather(literals + distances)
  measureCodes(counts, SYMBOLS, MAX_BITS, lengths)
  numberCodes(lengths, SYMBOLS, codes)
  let own = SYMBOLS
  while (own > 4 && load<u8>(lengths + <usize>load<u8>(order + <usize>(own - 1))) == 0) own--
  putBits(1 | (DYNAMIC_CODES << 1), 3)
  putBits(<u64>(literals - END_OF_BLOCK - 1), 5)
  putBits(<u64>(distances - 1), 5)
  putBits(<u64>(own - 4), 4)
  for (let each: usize = 0; each < <usize>own; each++) {
    putBits(<u64>load<u8>(lengths + <usize>load<u8>(order + each)), 3)
  }
  for (let each: usize = 0; each < <usize>writtenCount; each++) {
    const symbol = <i32>load<u8>(written + (each << 1))
    putBits(<u64>load<u16>(codes + ((<usize>symbol) << 1)), <i32>load<u8>(lengths + <usize>symbol))
    if (symbol >= REPEAT_LAST) putBits(<u64>load<u8>(written + (each << 1), 1), extraBits(symbol))
  }
}

/** Number of the last symbol that has a code, and one; `least` at least. */
function usedSymbols(ofSymbols: usize, symbols: i32, least: i32): i32 {
  let used = symbols
  while (used > least && load<u8>(ofSymbols + <usize>(used - 1)) == 0) used--
  return used
}

/** Brings so many lengths to symbols with repetitions, and counts these. */
function gather(count: i32): void {
  memory.fill(counts, 0, SYMBOLS * 4)
  writtenCount = 0
  for (let place = 0; place < count;) {
    const length = <i32>load<u8>(all + <usize>place)
    let alike = 1
    while (place + alike < count && <i32>load<u8>(all + <usize>(place + alike)) == length) alike++
    place += alike
    if (length > 0) {
      write(length, 0)
      alike--
    }
    while (alike >= 3) {
      const symbol = length > 0 ? REPEAT_LAST : alike > 10 ? MANY_NONE : FEW_NONE
      const least = symbol == MANY_NONE ? 11 : 3
      const now = min(alike, least + (1 << extraBits(symbol)) - 1)
      write(symbol, now - least)
      alike -= now
    }
    for (; alike > 0; alike--) write(length, 0)
  }
}

function extraBits(symbol: i32): i32 {
  return symbol == REPEAT_LAST ? 2 : symbol == FEW_NONE ? 3 : 7
}

function write(symbol: i32, extra: i32): void {
  store<u8>(written + ((<usize>writtenCount) << 1), <u8>symbol)
  store<u8>(written + ((<usize>writtenCount) << 1), <u8>extra, 1)
  writtenCount++
  const count = counts + ((<usize>symbol) << 2)
  store<u32>(count, load<u32>(count) + 1)
}
