import type { SamplePlane } from './sample-plane.ts'

/**
 * The pixels right of and below a sample, up to the next one. There is one object for all blocks of an image,
 * which moves from one to the next: blocks are many and small.
 */
export class PixelBlock {
  private readonly plane: SamplePlane
  /** Column and row of the sample at the upper left; -1 for what lies before the first one. */
  column = 0
  row = 0
  /** The block's pixels: from the first of each pair up to the second, which is of the next block. */
  x0 = 0
  x1 = 0
  y0 = 0
  y1 = 0
  /** Numbers of the samples above left and right, and below left and right; at the border one stands for two. */
  a = 0
  b = 0
  c = 0
  d = 0

  constructor(plane: SamplePlane) {
    this.plane = plane
  }

  /** Moves to a row of blocks. */
  enterRow(row: number): void {
    const { image, stridePx, offsetPx, rows } = this.plane
    this.row = row
    this.y0 = Math.max(0, offsetPx + row * stridePx)
    this.y1 = row === rows - 1 ? image.height : Math.min(image.height, offsetPx + (row + 1) * stridePx)
  }

  /** Moves to the block of a column in the row. */
  enterColumn(column: number): void {
    const { columns, rows } = this.plane
    const left = Math.max(0, column)
    const right = Math.min(columns - 1, column + 1)
    const top = Math.max(0, this.row) * columns
    const bottom = Math.min(rows - 1, this.row + 1) * columns
    this.a = top + left
    this.b = top + right
    this.c = bottom + left
    this.d = bottom + right
    this.span(column, column)
  }

  /** Covers the blocks from one column to another, both included. */
  span(first: number, last: number): void {
    const { image, stridePx, offsetPx, columns } = this.plane
    this.column = first
    this.x0 = Math.max(0, offsetPx + first * stridePx)
    this.x1 = last === columns - 1 ? image.width : Math.min(image.width, offsetPx + (last + 1) * stridePx)
  }
}
