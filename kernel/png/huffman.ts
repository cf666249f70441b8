/** Huffman codes for a block (RFC 1951, 3.2.2): lengths by how often symbols come, and the codes that follow from them. */
import { LITERAL_SYMBOLS } from './deflate-codes'

/** Symbols of the largest alphabet. */
const MAX_SYMBOLS: i32 = LITERAL_SYMBOLS
const MAX_BITS: i32 = 15

/** Symbols that come at all, the rarest first, u16 each. */
const sorted: usize = memory.data(MAX_SYMBOLS * 2, 16)
/** Nodes of the tree, those of symbols first: how often they come, u32, and the number of the node above, u16. */
const weights: usize = memory.data(2 * MAX_SYMBOLS * 4, 16)
const parents: usize = memory.data(2 * MAX_SYMBOLS * 2, 16)
/** How many codes have each length, u32. */
const lengthCounts: usize = memory.data((MAX_BITS + 1) * 4, 16)
const nextCodes: usize = memory.data((MAX_BITS + 1) * 4, 16)

function u32At(place: usize, index: i32): u32 {
  return load<u32>(place + ((<usize>index) << 2))
}

function put32(place: usize, index: i32, value: u32): void {
  store<u32>(place + ((<usize>index) << 2), value)
}

function u16At(place: usize, index: i32): i32 {
  return <i32>load<u16>(place + ((<usize>index) << 1))
}

function put16(place: usize, index: i32, value: i32): void {
  store<u16>(place + ((<usize>index) << 1), <u16>value)
}

/**
 * Gives each of some symbols the length of its code, u8, by how often it comes, u32; none where it never comes, and `maxBits`
 * at most.
 */
export function measureCodes(counts: usize, symbols: i32, maxBits: i32, lengths: usize): void {
  memory.fill(lengths, 0, <usize>symbols)
  const used = sortUsed(counts, symbols)
  if (used == 0) return
  if (used == 1) {
    store<u8>(lengths + <usize>u16At(sorted, 0), 1)
    return
  }
  buildTree(used)
  limitLengths(used, maxBits)
  let place = 0
  for (let bits = maxBits; bits > 0; bits--) {
    for (let left = u32At(lengthCounts, bits); left > 0; left--) {
      store<u8>(lengths + <usize>u16At(sorted, place++), <u8>bits)
    }
  }
}

/** Sorts the symbols that come, rare ones first and of equal ones the lower first; answers how many they are. */
function sortUsed(counts: usize, symbols: i32): i32 {
  let used = 0
  for (let symbol = 0; symbol < symbols; symbol++) {
    const count = u32At(counts, symbol)
    if (count == 0) continue
    let place = used++
    for (; place > 0 && u32At(weights, place - 1) > count; place--) {
      put32(weights, place, u32At(weights, place - 1))
      put16(sorted, place, u16At(sorted, place - 1))
    }
    put32(weights, place, count)
    put16(sorted, place, symbol)
  }
  return used
}

/** Joins the two lightest nodes until there is one: those of symbols and those made stand in two queues in their order. */
function buildTree(used: i32): void {
  let symbol = 0
  let joined = used
  for (let made = used; made < 2 * used - 1; made++) {
    let weight: u32 = 0
    for (let each = 0; each < 2; each++) {
      const isSymbol = symbol < used && (joined >= made || u32At(weights, symbol) <= u32At(weights, joined))
      const node = isSymbol ? symbol++ : joined++
      weight += u32At(weights, node)
      put16(parents, node, made)
    }
    put32(weights, made, weight)
  }
}

/** Counts how long the codes are, and makes those that are too long shorter, others longer in return. */
function limitLengths(used: i32, maxBits: i32): void {
  memory.fill(lengthCounts, 0, (MAX_BITS + 1) * 4)
  // The weights of nodes give way to their depths, from the root down.
  put32(weights, 2 * used - 2, 0)
  for (let node = 2 * used - 3; node >= 0; node--) {
    const depth = u32At(weights, u16At(parents, node)) + 1
    put32(weights, node, depth)
    if (node < used) put32(lengthCounts, min(depth, maxBits), u32At(lengthCounts, min(depth, maxBits)) + 1)
  }
  // All codes together may take up no more than there is.
  let taken: u32 = 0
  for (let bits = 1; bits <= maxBits; bits++) taken += u32At(lengthCounts, bits) << (maxBits - bits)
  while (taken > (<u32>1) << maxBits) {
    let bits = maxBits - 1
    while (u32At(lengthCounts, bits) == 0) bits--
    // One of these becomes longer, and one of the longest its neighbour.
    put32(lengthCounts, bits, u32At(lengthCounts, bits) - 1)
    put32(lengthCounts, bits + 1, u32At(lengthCounts, bits + 1) + 2)
    put32(lengthCounts, maxBits, u32At(lengthCounts, maxBits) - 1)
    taken--
  }
}

/** Gives each of some symbols its code, u16, the first bit lowest, by the lengths of all. */
export function numberCodes(lengths: usize, symbols: i32, codes: usize): void {
  memory.fill(nextCodes, 0, (MAX_BITS + 1) * 4)
  for (let symbol = 0; symbol < symbols; symbol++) {
    const bits = <i32>load<u8>(lengths + <usize>symbol)
    if (bits > 0 && bits < MAX_BITS) put32(nextCodes, bits + 1, u32At(nextCodes, bits + 1) + 1)
  }
  for (let bits = 2; bits <= MAX_BITS; bits++) {
    put32(nextCodes, bits, (u32At(nextCodes, bits - 1) + u32At(nextCodes, bits)) << 1)
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const bits = <i32>load<u8>(lengths + <usize>symbol)
    if (bits == 0) continue
    const code = u32At(nextCodes, bits)
    put32(nextCodes, bits, code + 1)
    put16(codes, symbol, <i32>reversed(code, bits))
  }
}

function reversed(code: u32, bits: i32): u32 {
  let left = code
  let result: u32 = 0
  for (let bit = 0; bit < bits; bit++) {
    result = (result << 1) | (left & 1)
    left >>= 1
  }
  return result
}
