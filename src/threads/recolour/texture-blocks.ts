import { writeLab } from '../colour/lab-table.ts'
import { SHADE_STEPS, type NodeTable } from './node-table.ts'
import type { PixelBlock } from './pixel-block.ts'
import type { SortSources } from './upsampling.ts'

/** Bits of each part by which colours are told apart. */
const PART_BITS = 5
const DROPPED_BITS = 8 - PART_BITS

/**
 * Sorts the pixels of an image that is all texture, as noise is, by their colour alone: what is around them says
 * nothing, and there are too many colours to look at each: those that are alike share the node of the first of them.
 */
export class TextureBlocks {
  private readonly sources: SortSources
  private readonly table: NodeTable
  private readonly nodeOfPixel: Uint16Array
  /** Number of each colour's node, plus one; 0 where it is not known yet. */
  private readonly known = new Uint16Array(1 << (3 * PART_BITS))
  private readonly lab = new Float64Array(3)

  constructor(sources: SortSources, table: NodeTable, nodeOfPixel: Uint16Array) {
    this.sources = sources
    this.table = table
    this.nodeOfPixel = nodeOfPixel
  }

  sort({ x0, x1, y0, y1 }: PixelBlock): void {
    const { image, bytes } = this.sources.plane
    const { width, channels } = image
    for (let y = y0; y < y1; y++) {
      const end = y * width + x1
      for (let pixel = y * width + x0, at = pixel * channels; pixel < end; pixel++, at += channels) {
        const red = bytes[at]!
        const green = bytes[at + 1]!
        const blue = bytes[at + 2]!
        const key =
          ((((red >> DROPPED_BITS) << PART_BITS) | (green >> DROPPED_BITS)) << PART_BITS) |
          (blue >> DROPPED_BITS)
        this.nodeOfPixel[pixel] = (this.known[key] ||= this.nodeOf(red, green, blue) + 1) - 1
      }
    }
  }

  private nodeOf(red: number, green: number, blue: number): number {
    writeLab(this.lab, 0, red, green, blue)
    const mixture = this.sources.memberships.mixtureOf(this.lab[0]!, this.lab[1]!, this.lab[2]!)
    return this.table.node(mixture, this.sources.lightness.shade(this.lab[0]! * SHADE_STEPS, mixture))
  }
}
