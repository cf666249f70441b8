import type { EdgeBlock } from './edge-block.ts'
import { EvenRuns } from './even-runs.ts'
import type { PixelBlock } from './pixel-block.ts'
import { PixelKind, type SamplePlane } from './sample-plane.ts'

/** Sorts rows of blocks between samples that are all alike: nearly always every pixel is, too. */
export class EvenBlocks {
  private readonly plane: SamplePlane
  private readonly nodeOfSample: Uint16Array
  private readonly edge: EdgeBlock
  private readonly nodeOfPixel: Uint16Array
  private readonly buffer: Buffer
  private readonly runs: EvenRuns

  constructor(plane: SamplePlane, nodeOfSample: Uint16Array, edge: EdgeBlock, nodeOfPixel: Uint16Array) {
    this.plane = plane
    this.nodeOfSample = nodeOfSample
    this.edge = edge
    this.nodeOfPixel = nodeOfPixel
    this.buffer = Buffer.from(plane.image.pixels)
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
    const { image, bytes, rgb, columns } = this.plane
    const { width, channels } = image
    const sample = Math.max(0, block.row) * columns + Math.max(0, block.column)
    const node = this.nodeOfSample[sample]!
    const colour = rgb[sample]!
    const red = colour >> 16
    const green = (colour >> 8) & 255
    const blue = colour & 255
    for (let y = block.y0; y < block.y1; y++) {
      const pixel = y * width + block.x0
      const from = pixel * channels
      const to = (y * width + block.x1) * channels
      const startsAlike = bytes[from] === red && bytes[from + 1] === green && bytes[from + 2] === blue
      if (startsAlike && this.buffer.compare(this.buffer, from + channels, to, from, to - channels) === 0) {
        this.fillRun(pixel, y * width + block.x1, node, y - block.y0)
      } else this.fillUneven(block, y, colour, node)
    }
  }

  /** In an opaque image an even run stands for its pixels; a transparent one needs each of them. */
  private fillRun(start: number, end: number, node: number, line: number): void {
    const isOpaque = this.plane.image.channels === 3
    const added = isOpaque ? this.runs.add(line, start, end, node) : undefined
    if (added === undefined) this.nodeOfPixel.fill(node, start, end)
    else {
      this.nodeOfPixel.fill(node, start, added.start)
      this.nodeOfPixel.fill(node, added.end, end)
    }
  }

  /** A row of such a run in which something else was found. */
  private fillUneven(block: PixelBlock, y: number, even: number, node: number): void {
    const { image, bytes, offsetPx, stridePx } = this.plane
    const nodes = this.nodeOfPixel
    let pixel = y * image.width + block.x0
    for (let x = block.x0, at = pixel * image.channels; x < block.x1; x++, at += image.channels, pixel++) {
      const colour = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      if (colour === even) nodes[pixel] = node
      else nodes[pixel] = this.edge.nodeOf(Math.floor((x - offsetPx) / stridePx), block.row, colour)
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
