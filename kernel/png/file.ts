/**
 * Writes the compressed bytes of one variation, a zlib stream (RFC 1950) of one block: its tokens are those of all
 * variations, its codes follow from its own colours. The tokens come in parts, twice: to be counted, and to be written.
 */
import { paintColours } from '../paint'
import { growTo, pixels } from '../pixels'
import { bitsSince, closeBits, moveBits, openBits, putBits, writtenTo } from './bits'
import { putHeader } from './block-header'
import {
  DISTANCE_SYMBOLS,
  distanceExtra,
  distanceExtraBits,
  distanceSymbol,
  END_OF_BLOCK,
  FIRST_LENGTH,
  lengthExtra,
  lengthExtraBits,
  lengthSymbol,
  LITERAL_SYMBOLS,
  MAX_LENGTH,
  MIN_LENGTH,
} from './deflate-codes'
import { measureCodes, numberCodes } from './huffman'
import { checksumOfNodes } from './node-sums'
import { distanceOf, lengthOf, repeats, ROW } from './tokens'

/** Tokens that a part has at most. */
const MAX_TOKENS: i32 = 1 << 14
/** A token is written with three codes of pixels at most, or with two codes and their extra bits. */
const TOKEN_BYTES: i32 = 6
/** The header, and what a vector or a number may touch beyond. */
const HEADER_BYTES: i32 = 1024
const MAX_BITS: i32 = 15

const ZLIB_HEADER: u64 = 0x0178

/** How often each symbol comes, u32; length, u8, and code, u16, of each. */
const literalCounts: usize = memory.data(LITERAL_SYMBOLS * 4, 16)
const distanceCounts: usize = memory.data(DISTANCE_SYMBOLS * 4, 16)
const literalLengths: usize = memory.data(LITERAL_SYMBOLS, 16)
const distanceLengths: usize = memory.data(DISTANCE_SYMBOLS, 16)
const literalCodes: usize = memory.data(LITERAL_SYMBOLS * 2, 16)
const distanceCodes: usize = memory.data(DISTANCE_SYMBOLS * 2, 16)

/** The part's tokens, u32; and what is written of them. */
export let fileTokens: usize = 0
export let fileBytes: usize = 0
/** The reduced sums of all nodes. */
export let fileSums: usize = 0
/** Bits of some codes, u64, how many in the highest byte: those of each node's colour, and of each length with its extra bits. */
let nodeCodes: usize = 0
const repetitionCodes: usize = memory.data((MAX_LENGTH - MIN_LENGTH + 1) * 8, 16)
const BITS_SHIFT: u64 = 56
const CODE_MASK: u64 = (1 << BITS_SHIFT) - 1
let nodeCount: i32 = 0

/** Begins a file with so many nodes, whose colours are at `paintColours`. What was laid out for an image is lost. */
export function beginFile(nodes: i32): void {
  nodeCount = nodes
  fileTokens = pixels
  fileBytes = fileTokens + ((<usize>MAX_TOKENS) << 2)
  nodeCodes = fileBytes + <usize>(HEADER_BYTES + MAX_TOKENS * TOKEN_BYTES)
  fileSums = nodeCodes + ((<usize>nodes) << 3)
  growTo(fileSums + ((<usize>nodes) << 3))
  memory.fill(literalCounts, 0, LITERAL_SYMBOLS * 4)
  memory.fill(distanceCounts, 0, DISTANCE_SYMBOLS * 4)
}

function countSymbol(counts: usize, symbol: i32): void {
  const at = counts + ((<usize>symbol) << 2)
  store<u32>(at, load<u32>(at) + 1)
}

/** Counts the symbols of a part with so many tokens. */
export function countTokens(count: i32): void {
  for (let at = fileTokens; at < fileTokens + ((<usize>count) << 2); at += 4) {
    const token = load<u32>(at)
    if (repeats(token)) {
      countSymbol(literalCounts, FIRST_LENGTH + lengthSymbol(lengthOf(token)))
      countSymbol(distanceCounts, distanceSymbol(distanceOf(token)))
    } else if (token == ROW) {
      countSymbol(literalCounts, 0)
    } else {
      const colour = load<i32>(paintColours + ((<usize>token) << 2))
      countSymbol(literalCounts, colour & 255)
      countSymbol(literalCounts, (colour >> 8) & 255)
      countSymbol(literalCounts, (colour >> 16) & 255)
    }
  }
}

/**
 * Begins to write once all tokens are counted. Answers how many bytes there will be in all. What is written so far stays
 * until the first part is.
 */
export function openFile(): i32 {
  countSymbol(literalCounts, END_OF_BLOCK)
  measureCodes(literalCounts, LITERAL_SYMBOLS, MAX_BITS, literalLengths)
  measureCodes(distanceCounts, DISTANCE_SYMBOLS, MAX_BITS, distanceLengths)
  numberCodes(literalLengths, LITERAL_SYMBOLS, literalCodes)
  numberCodes(distanceLengths, DISTANCE_SYMBOLS, distanceCodes)
  joinNodeCodes()
  joinRepetitionCodes()
  openBits(fileBytes)
  putBits(ZLIB_HEADER, 16)
  putHeader(literalLengths, distanceLengths)
  return ((bitsSince(fileBytes) + symbolBits() + 7) >> 3) + 4
}

/** Bits of all symbols with what belongs to them. */
function symbolBits(): i32 {
  let bits = 0
  for (let symbol = 0; symbol < LITERAL_SYMBOLS; symbol++) {
    const extra = symbol < FIRST_LENGTH ? 0 : lengthExtraBits(symbol - FIRST_LENGTH)
    bits += bitsOf(literalCounts, literalLengths, symbol, extra)
  }
  for (let symbol = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
    bits += bitsOf(distanceCounts, distanceLengths, symbol, distanceExtraBits(symbol))
  }
  return bits
}

function bitsOf(counts: usize, lengths: usize, symbol: i32, extra: i32): i32 {
  const length = <i32>load<u8>(lengths + <usize>symbol)
  return load<i32>(counts + ((<usize>symbol) << 2)) * (length + extra)
}

function joinNodeCodes(): void {
  for (let node: usize = 0; node < <usize>nodeCount; node++) {
    const colour = load<u32>(paintColours + (node << 2))
    const red = <usize>(colour & 255)
    const green = <usize>((colour >> 8) & 255)
    const blue = <usize>((colour >> 16) & 255)
    const ofRed = <u64>load<u8>(literalLengths + red)
    const ofGreen = <u64>load<u8>(literalLengths + green)
    const codes =
      (<u64>load<u16>(literalCodes + (red << 1))) |
      ((<u64>load<u16>(literalCodes + (green << 1))) << ofRed) |
      ((<u64>load<u16>(literalCodes + (blue << 1))) << (ofRed + ofGreen))
    const bits = ofRed + ofGreen + <u64>load<u8>(literalLengths + blue)
    store<u64>(nodeCodes + (node << 3), codes | (bits << BITS_SHIFT))
  }
}

function joinRepetitionCodes(): void {
  for (let length = MIN_LENGTH; length <= MAX_LENGTH; length++) {
    const symbol = lengthSymbol(length)
    const ofSymbol = <usize>(FIRST_LENGTH + symbol)
    const bits = <u64>load<u8>(literalLengths + ofSymbol)
    const codes =
      (<u64>load<u16>(literalCodes + (ofSymbol << 1))) | ((<u64>lengthExtra(length, symbol)) << bits)
    const all = bits + <u64>lengthExtraBits(symbol)
    store<u64>(repetitionCodes + ((<usize>(length - MIN_LENGTH)) << 3), codes | (all << BITS_SHIFT))
  }
}

/** Writes a part with so many tokens from `fileBytes` on, behind the header in the first part; answers how many bytes. */
export function writeTokens(count: i32): i32 {
  for (let at = fileTokens; at < fileTokens + ((<usize>count) << 2); at += 4) {
    const token = load<u32>(at)
    if (repeats(token)) {
      const length = load<u64>(repetitionCodes + ((<usize>(lengthOf(token) - MIN_LENGTH)) << 3))
      const lengthBits = length >> BITS_SHIFT
      const distance = distanceOf(token)
      const symbol = <usize>distanceSymbol(distance)
      const distanceBits = <u64>load<u8>(distanceLengths + symbol)
      const ofDistance =
        (<u64>load<u16>(distanceCodes + (symbol << 1))) |
        ((<u64>distanceExtra(distance, <i32>symbol)) << distanceBits)
      putBits(
        (length & CODE_MASK) | (ofDistance << lengthBits),
        <i32>(lengthBits + distanceBits) + distanceExtraBits(<i32>symbol),
      )
    } else if (token == ROW) putSymbol(0)
    else {
      const codes = load<u64>(nodeCodes + ((<usize>token) << 3))
      putBits(codes & CODE_MASK, <i32>(codes >> BITS_SHIFT))
    }
  }
  return takeWritten()
}

/** Writes the end behind the last part, with the checksum of the raw bytes, so many; answers how many bytes. */
export function closeFile(rawBytes: i32): i32 {
  putSymbol(END_OF_BLOCK)
  closeBits()
  const checksum = checksumOfNodes(fileSums, paintColours, nodeCount, rawBytes)
  putBits(<u64>bswap<u32>(checksum), 32)
  return takeWritten()
}

/** Answers how many bytes are written; what follows is written from the first place on again. */
function takeWritten(): i32 {
  const bytes = <i32>(writtenTo - fileBytes)
  moveBits(fileBytes)
  return bytes
}

function putSymbol(symbol: usize): void {
  putBits(<u64>load<u16>(literalCodes + (symbol << 1)), <i32>load<u8>(literalLengths + symbol))
}
