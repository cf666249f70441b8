/**
 * Undoes the filters of a PNG file (W3C PNG, third edition, section 9). A row in the file is a byte that names its filter,
 * and a filtered byte for each byte of its pixels, which is added to what the filter foretells by the pixel on the left, the
 * one above, and the one above on the left.
 */
import { makeRoom, pixels } from '../pixels'

const NONE: u8 = 0
const SUB: u8 = 1
const UP: u8 = 2
const AVERAGE: u8 = 3
const PAETH: u8 = 4

/** A pixel of three bytes is written as one of four: what comes after it is written later. */
const SLACK_BYTES: i32 = 16

/** Makes room for a row of so many bytes, at `pixels`, and behind it for so many rows as they lie in the file. */
export function openRows(count: i32, rowBytes: i32): void {
  makeRoom(rowBytes + count * (rowBytes + 1) + SLACK_BYTES)
}

/**
 * Undoes the filters of so many rows, which lie behind the row above them. The bytes of their pixels lie there then, row
 * behind row, and the last row takes the place of the one above. Answers false if there is no such filter.
 */
export function unfilter(count: i32, rowBytes: i32, pixelBytes: i32): bool {
  const length = <usize>rowBytes
  let to = pixels + length
  let from = to
  // A row has been read before as many bytes are written.
  for (let row = 0; row < count; row++) {
    const filter = load<u8>(from)
    from++
    if (filter == NONE) memory.copy(to, from, length)
    else if (filter == SUB) undoSub(to, from, length, pixelBytes)
    else if (filter == UP) undoUp(to, from, length)
    else if (filter == AVERAGE) undoAverage(to, from, length, pixelBytes)
    else if (filter == PAETH) undoPaeth(to, from, length, pixelBytes)
    else return false
    to += length
    from += length
  }
  return true
}

/** Begins with the rows of another part of the image, below the last of so many. */
export function keepLastRow(count: i32, rowBytes: i32): void {
  memory.copy(pixels, pixels + <usize>(count * rowBytes), <usize>rowBytes)
}

/** The sums of four bytes each, without what is carried over. */
function addBytes(one: u32, other: u32): u32 {
  return ((one & 0x7f7f7f7f) + (other & 0x7f7f7f7f)) ^ ((one ^ other) & 0x80808080)
}

function undoSub(to: usize, from: usize, length: usize, pixelBytes: i32): void {
  let left: u32 = 0
  for (let at: usize = 0; at < length; at += <usize>pixelBytes) {
    left = addBytes(load<u32>(from + at), left)
    store<u32>(to + at, left)
  }
}

function undoUp(to: usize, from: usize, length: usize): void {
  const above = to - length
  let at: usize = 0
  for (; at + 16 <= length; at += 16) {
    v128.store(to + at, i8x16.add(v128.load(from + at), v128.load(above + at)))
  }
  for (; at < length; at++) store<u8>(to + at, load<u8>(from + at) + load<u8>(above + at))
}

function undoAverage(to: usize, from: usize, length: usize, pixelBytes: i32): void {
  const above = to - length
  let left: u32 = 0
  for (let at: usize = 0; at < length; at += <usize>pixelBytes) {
    const up = load<u32>(above + at)
    const average = (left & up) + (((left ^ up) & 0xfefefefe) >> 1)
    left = addBytes(load<u32>(from + at), average)
    store<u32>(to + at, left)
  }
}

function undoPaeth(to: usize, from: usize, length: usize, pixelBytes: i32): void {
  const above = to - length
  const byte = i16x8.splat(0xff)
  let left = i16x8.splat(0)
  let upLeft = i16x8.splat(0)
  for (let at: usize = 0; at < length; at += <usize>pixelBytes) {
    const up = wordsOf(above + at)
    const leftStep = i16x8.sub(up, upLeft)
    const upStep = i16x8.sub(left, upLeft)
    const leftError = i16x8.abs(leftStep)
    const upError = i16x8.abs(upStep)
    const upLeftError = i16x8.abs(i16x8.add(leftStep, upStep))
    const upOrUpLeft = v128.bitselect(up, upLeft, i16x8.le_s(upError, upLeftError))
    const isLeft = v128.and(i16x8.le_s(leftError, upError), i16x8.le_s(leftError, upLeftError))
    const foretold = v128.bitselect(left, upOrUpLeft, isLeft)
    left = v128.and(i16x8.add(wordsOf(from + at), foretold), byte)
    store<u32>(to + at, i32x4.extract_lane(i8x16.narrow_i16x8_u(left, left), 0))
    upLeft = up
  }
}

/** Four bytes, each in 16 bits. */
function wordsOf(at: usize): v128 {
  return i16x8.extend_low_i8x16_u(v128.load32_zero(at))
}
