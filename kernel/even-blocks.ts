/** Rows of blocks between samples that are all alike: nearly always every pixel is, too. */
import * as block from './block'
import { edgeNode } from './edge-block'
import {
  bytesOf,
  channels,
  colourAt,
  columns,
  HIDDEN,
  kinds,
  lineCounts,
  lineRuns,
  maxRunsALine,
  nodeOf as nodeAddress,
  nodesOfSamples,
  offsetPx,
  rgb,
  rows,
  RUN_BYTES,
  stridePx,
  width,
} from './plane'

/** Runs begin and end between groups of pixels: four of three bytes are three words. */
const PIXELS_A_GROUP: i32 = 4
/** A shorter run saves nothing. */
const MIN_RUN_PX: i32 = 16

function nodeOfSample(sample: usize): i32 {
  return <i32>load<u16>(nodesOfSamples + (sample << 1))
}

function colourOfSample(sample: usize): i32 {
  return load<i32>(rgb + (sample << 2))
}

/**
 * The last of the blocks from a column on between whose samples there is no difference at all; less than the column
 * where there is one in its own block already.
 */
export function lastAlike(column: i32, row: i32): i32 {
  const top = max(0, row) * columns
  const bottom = min(rows - 1, row + 1) * columns
  const first = max(0, column)
  if (<i32>load<u8>(kinds + top + first) == HIDDEN) return column - 1
  const colour = colourOfSample(top + first)
  const node = nodeOfSample(top + first)
  let end = first
  while (
    end < columns &&
    colourOfSample(top + end) == colour &&
    colourOfSample(bottom + end) == colour &&
    nodeOfSample(top + end) == node &&
    nodeOfSample(bottom + end) == node
  ) {
    end++
  }
  if (end == first) return column - 1
  // Between the last sample and the border there is one block more.
  return end == columns ? columns - 1 : end - 2
}

/** Sorts the blocks at hand. */
export function sortEven(): void {
  const sample = max(0, block.row) * columns + max(0, block.column)
  const node = nodeOfSample(sample)
  const colour = colourOfSample(sample)
  for (let y = block.y0; y < block.y1; y++) {
    const start = y * width + block.x0
    const end = y * width + block.x1
    // In an opaque image an even run stands for its pixels; a transparent one needs each of them.
    const first = (start + PIXELS_A_GROUP - 1) & -PIXELS_A_GROUP
    const last = end & -PIXELS_A_GROUP
    if (channels == 3 && last - first >= MIN_RUN_PX && isEven(first, last, colour)) {
      addRun(y - block.y0, first, last, node)
      sortPixels(y, start, first, colour, node)
      sortPixels(y, last, end, colour, node)
    } else sortPixels(y, start, end, colour, node)
  }
}

function addRun(line: usize, start: i32, end: i32, node: i32): void {
  const count = lineCounts + (line << 2)
  const run = lineRuns + (line * maxRunsALine() + load<u32>(count)) * RUN_BYTES
  store<u32>(count, load<u32>(count) + 1)
  store<i32>(run, start)
  store<i32>(run, end, 4)
  store<i32>(run, node, 8)
}

/** Whether all pixels from one to another (numbers in the image, of three bytes each) have a colour. */
function isEven(start: i32, end: i32, colour: i32): boolean {
  const red = <u8>(colour >> 16)
  const green = <u8>(colour >> 8)
  const blue = <u8>colour
  const reds = i8x16.splat(red)
  const greens = i8x16.splat(green)
  const blues = i8x16.splat(blue)
  // Sixteen pixels are three vectors, which begin with each of the parts in turn.
  const inRed: v128 = i8x16(-1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1)
  const inGreen: v128 = i8x16(0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0)
  const inBlue: v128 = i8x16(0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0)
  const one = v128.or(v128.or(v128.and(reds, inRed), v128.and(greens, inGreen)), v128.and(blues, inBlue))
  const two = v128.or(v128.or(v128.and(greens, inRed), v128.and(blues, inGreen)), v128.and(reds, inBlue))
  const three = v128.or(v128.or(v128.and(blues, inRed), v128.and(reds, inGreen)), v128.and(greens, inBlue))
  let at = bytesOf(start)
  const last = bytesOf(end)
  while (at + 48 <= last) {
    const unlike = v128.or(
      v128.or(v128.xor(v128.load(at), one), v128.xor(v128.load(at, 16), two)),
      v128.xor(v128.load(at, 32), three),
    )
    if (v128.any_true(unlike)) return false
    at += 48
  }
  for (; at < last; at += 3) if (colourAt(at) != colour) return false
  return true
}

/** Pixels of a row, from one to another (numbers in the image), most of which are like the samples. */
function sortPixels(y: i32, start: i32, end: i32, even: i32, node: i32): void {
  let at = bytesOf(start)
  let to = nodeAddress(start)
  for (let pixel = start; pixel < end; pixel++) {
    const colour = colourAt(at)
    store<u16>(to, <u16>(colour == even ? node : oddNode(pixel - y * width, colour)))
    at += channels
    to += 2
  }
}

function oddNode(x: i32, colour: i32): i32 {
  const column = x < offsetPx ? -1 : (x - offsetPx) / stridePx
  return edgeNode(column, block.row, colour)
}
