import type { EdgeBlock } from './edge-block.ts'
import { EvenRuns, PIXELS_A_GROUP, WORDS_A_GROUP } from './even-runs.ts'
import type { PixelBlock } from './pixel-block.ts'
import { PixelKind, type SamplePlane } from './sample-plane.ts'

/** A shorter run saves nothing. */
const MIN_RUN_PX = 16

/** Sorts rows of blocks between samples that are all alike: nearly always every pixel is, too. */
export class EvenBlocks {
  private readonly plane: SamplePlane
  private readonly nodeOfSample: Uint16Array
  private readonly edge: EdgeBlock
  private readonly nodeOfPixel: Uint16Array
  /** The image's bytes, four at a time. Words are little-endian, as on every machine that Node.js runs on. */
  private readonly words: Uint32Array
  private readonly runs: EvenRuns

  constructor(plane: SamplePlane, nodeOfSample: Uint16Array, edge: EdgeBlock, nodeOfPixel: Uint16Array) {
    this.plane = plane
    this.nodeOfSample = nodeOfSample
    this.edge = edge
    this.nodeOfPixel = nodeOfPixel
    this.words = new Uint32Array(plane.image.pixels, 0, plane.image.pixels.byteLength >> 2)
    this.runs = new EvenRuns(plane.stridePx)
  }

  /**
   * The last of the blocks from a column on between whose samples there is no difference at all; less than the column
   * where there is one in its own block already.
   */
  lastAlike(column: number, row: number): number {
    const { columns, rows, rgb, kinds } = this.plane
    const nodes = this.nodeOfSample
    const top = Math.max(0, row) * columns
    const bottom = Math.min(rows - 1, row + 1) * columns
    const first = Math.max(0, column)
    if (kinds[top + first] === PixelKind.hidden) return column - 1
    const colour = rgb[top + first]
    const node = nodes[top + first]
    let end = first
    while (
      end < columns &&
      rgb[top + end] === colour &&
      rgb[bottom + end] === colour &&
      nodes[top + end] === node &&
      nodes[bottom + end] === node
    ) {
      end++
    }
    if (end === first) return column - 1
    // Between the last sample and the border there is one block more.
    return end === columns ? columns - 1 : end - 2
  }

  sort(block: PixelBlock): void {
    const { image, rgb, columns } = this.plane
    const sample = Math.max(0, block.row) * columns + Math.max(0, block.column)
    const node = this.nodeOfSample[sample]!
    const colour = rgb[sample]!
    for (let y = block.y0; y < block.y1; y++) {
      const start = y * image.width + block.x0
      const end = y * image.width + block.x1
      // In an opaque image an even run stands for its pixels; a transparent one needs each of them.
      const first = Math.ceil(start / PIXELS_A_GROUP) * PIXELS_A_GROUP
      const last = Math.floor(end / PIXELS_A_GROUP) * PIXELS_A_GROUP
      if (image.channels === 3 && last - first >= MIN_RUN_PX && this.isEven(first, last, colour)) {
        this.runs.add(y - block.y0, first, last, node)
        this.sortPixels(block, start, first, colour, node)
        this.sortPixels(block, last, end, colour, node)
      } else this.sortPixels(block, start, end, colour, node)
    }
  }

  /** Whether all pixels between two group boundaries have a colour. */
  private isEven(start: number, end: number, colour: number): boolean {
    const words = this.words
    const red = colour >> 16
    const green = (colour >> 8) & 255
    const blue = colour & 255
    const one = (red | (green << 8) | (blue << 16) | (red << 24)) >>> 0
    const two = (green | (blue << 8) | (red << 16) | (green << 24)) >>> 0
    const three = (blue | (red << 8) | (green << 16) | (blue << 24)) >>> 0
    const last = (end / PIXELS_A_GROUP) * WORDS_A_GROUP
    for (let word = (start / PIXELS_A_GROUP) * WORDS_A_GROUP; word < last; word += WORDS_A_GROUP) {
      if (words[word] !== one || words[word + 1] !== two || words[word + 2] !== three) return false
    }
    return true
  }

  /** Pixels of a row, most of which are like the samples. */
  private sortPixels(block: PixelBlock, start: number, end: number, even: number, node: number): void {
    const { image, bytes, offsetPx, stridePx } = this.plane
    const nodes = this.nodeOfPixel
    for (let pixel = start, at = start * image.channels; pixel < end; pixel++, at += image.channels) {
      const colour = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      if (colour === even) nodes[pixel] = node
      else {
        const column = Math.floor(((pixel % image.width) - offsetPx) / stridePx)
        nodes[pixel] = this.edge.nodeOf(column, block.row, colour)
      }
    }
  }

  /** The row of blocks is complete. */
  closeRows(): void {
    this.runs.closeRows()
  }

  /** All runs, RUN_FIELDS numbers each, in shared memory. */
  finish(): Uint32Array {
    return this.runs.finish()
  }
}
