/**
 * The block at hand: the pixels right of and below a sample, up to the next one, or those of several such blocks side
 * by side.
 */
import { columns, height, offsetPx, rows, stridePx, width } from './plane'

/** Column and row of the sample at the upper left; -1 for what lies before the first one. */
export let column: i32 = 0
export let row: i32 = 0
/** The block's pixels: from the first of each pair up to the second, which is of the next block. */
export let x0: i32 = 0
export let x1: i32 = 0
export let y0: i32 = 0
export let y1: i32 = 0
/** Numbers of the samples above left and right, and below left and right; at the border one stands for two. */
export let a: i32 = 0
export let b: i32 = 0
export let c: i32 = 0
export let d: i32 = 0

/** Moves to a row of blocks. */
export function enterRow(to: i32): void {
  row = to
  y0 = max(0, offsetPx + to * stridePx)
  y1 = to == rows - 1 ? height : min(height, offsetPx + (to + 1) * stridePx)
}

/** Moves to the block of a column in the row. */
export function enterColumn(to: i32): void {
  const left = max(0, to)
  const right = min(columns - 1, to + 1)
  const top = max(0, row) * columns
  const bottom = min(rows - 1, row + 1) * columns
  a = top + left
  b = top + right
  c = bottom + left
  d = bottom + right
  span(to, to)
}

/** Covers the blocks from one column to another, both included. */
export function span(first: i32, last: i32): void {
  column = first
  x0 = max(0, offsetPx + first * stridePx)
  x1 = last == columns - 1 ? width : min(width, offsetPx + (last + 1) * stridePx)
}

/** Row of the image that a sample of a row was taken from. */
export function sampleRow(ofRow: i32): i32 {
  return min(height - 1, offsetPx + ofRow * stridePx)
}

/** Column of the image that a sample of a column was taken from. */
export function sampleColumn(ofColumn: i32): i32 {
  return min(width - 1, offsetPx + ofColumn * stridePx)
}
