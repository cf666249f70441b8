import type { RegionAnalysis, Tone } from '../protocol.ts'
import { NOISE_STEP, type Background } from './background.ts'
import { EdgeBlock } from './edge-block.ts'
import { EvenBlocks } from './even-blocks.ts'
import type { Memberships } from './memberships.ts'
import type { MixtureLightness } from './mixture-lightness.ts'
import { NodeTable } from './node-table.ts'
import { PixelBlock } from './pixel-block.ts'
import type { SampleMixtures } from './sample-mixtures.ts'
import { partDifference, PixelKind, runTogether, type SamplePlane } from './sample-plane.ts'
import { SmoothBlock } from './smooth-block.ts'
import { TextureBlocks } from './texture-blocks.ts'

/** What is known of an image when its pixels are sorted into nodes. */
export type SortSources = {
  readonly plane: SamplePlane
  readonly tones: readonly Tone[]
  readonly background: Background | undefined
  readonly samples: SampleMixtures
  readonly memberships: Memberships
  readonly lightness: MixtureLightness
}

/** Every pixel's node, in shared memory, the even runs among them, and what the nodes are. */
export type SortedPixels = Pick<RegionAnalysis, 'nodeOfPixel' | 'evenRuns' | 'nodes'>

const table = new NodeTable()

/**
 * Gives every pixel a node by what the samples around it show. Pixels are handled in blocks, each between four
 * samples: evenly coloured rows of blocks at a stroke; smooth blocks by position, with the pixel's own shade; and
 * blocks at an edge by colour, as a mixture of what the samples near by show.
 *
 * Where there are more nodes than can be numbered, it starts anew with coarser shades. An image that is all texture is
 * sorted by colour alone.
 */
export function sortPixels(sources: SortSources): SortedPixels {
  const isTexture = smoothShare(sources) < MIN_SMOOTH_SHARE
  for (let grain = 1; ; grain *= 2) {
    table.reset(grain)
    const sorted = new PixelSorter(sources, isTexture).sortAll()
    if (sorted) return { ...sorted, nodes: table.nodes() }
  }
}

/** An image with a smaller share of smooth samples than this is all texture, as noise is. */
const MIN_SMOOTH_SHARE = 0.02

/** Share of the visible samples that lie in flat or smoothly shaded places, the background among them. */
function smoothShare({ plane, background }: SortSources): number {
  const { kinds } = plane
  let visible = 0
  let smooth = 0
  for (let sample = 0; sample < kinds.length; sample++) {
    if (kinds[sample] === PixelKind.hidden) continue
    visible++
    if (kinds[sample] === PixelKind.flat || background?.mask[sample] === 1) smooth++
  }
  return smooth / visible
}

class PixelSorter {
  private readonly sources: SortSources
  private readonly nodeOfPixel: Uint16Array
  private readonly nodeOfSample: Uint16Array
  private readonly block: PixelBlock
  private readonly edge: EdgeBlock
  private readonly smooth: SmoothBlock
  private readonly even: EvenBlocks
  private readonly texture: TextureBlocks | undefined

  constructor(sources: SortSources, isTexture: boolean) {
    const { image } = sources.plane
    this.sources = sources
    this.nodeOfPixel = new Uint16Array(new SharedArrayBuffer(image.width * image.height * 2))
    this.nodeOfSample = nodesOfSamples(sources.samples)
    this.block = new PixelBlock(sources.plane)
    this.edge = new EdgeBlock(sources, table, this.nodeOfPixel)
    this.smooth = new SmoothBlock(sources, table, this.edge, this.nodeOfPixel)
    this.even = new EvenBlocks(sources.plane, this.nodeOfSample, this.edge, this.nodeOfPixel)
    this.texture = isTexture ? new TextureBlocks(sources, table, this.nodeOfPixel) : undefined
  }

  /** Undefined when the table of nodes is full. */
  sortAll(): Omit<SortedPixels, 'nodes'> | undefined {
    const { block, even } = this
    const { columns, rows } = this.sources.plane
    for (let row = -1; row < rows; row++) {
      block.enterRow(row)
      if (block.y0 >= block.y1) continue
      for (let column = -1; column < columns;) {
        const last = even.lastAlike(column, row)
        if (last >= column) {
          block.span(column, last)
          if (block.x0 < block.x1) even.sort(block)
          column = last + 1
        } else {
          block.enterColumn(column)
          if (block.x0 < block.x1) this.sortBlock(block)
          column++
        }
      }
      even.closeRows()
      if (table.full) return undefined
    }
    return { nodeOfPixel: this.nodeOfPixel, evenRuns: even.finish() }
  }

  private sortBlock(block: PixelBlock): void {
    const { plane, background } = this.sources
    if (this.texture) this.texture.sort(block)
    else if (!areSmooth(plane, block)) this.edge.sort(block)
    else this.sortSmooth(block, background)
  }

  private sortSmooth(block: PixelBlock, background: Background | undefined): void {
    const mask = background?.mask
    const ground = mask === undefined ? 0 : mask[block.a]! + mask[block.b]! + mask[block.c]! + mask[block.d]!
    if (ground === 4) this.sortGround(block, this.nodeOfSample[block.a]!)
    // However little the subject differs from the background there, the border between them is a line.
    else if (ground > 0 && background?.open !== true) this.edge.sort(block)
    else this.smooth.sort(block)
  }

  /** A block of the background: its noise is left out. */
  private sortGround(block: PixelBlock, node: number): void {
    const { image, bytes } = this.sources.plane
    const groundRgb = this.sources.background?.rgb ?? 0
    const nodes = this.nodeOfPixel
    for (let y = block.y0; y < block.y1; y++) {
      const end = y * image.width + block.x1
      for (let pixel = y * image.width + block.x0; pixel < end; pixel++) {
        const at = pixel * image.channels
        const colour = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
        const isNoise = colour === groundRgb || partDifference(colour, groundRgb) <= NOISE_STEP
        nodes[pixel] = isNoise ? node : this.edge.nodeOf(block.column, block.row, colour)
      }
    }
  }
}

function areSmooth(plane: SamplePlane, { a, b, c, d }: PixelBlock): boolean {
  const { kinds } = plane
  return (
    kinds[a] === PixelKind.flat &&
    kinds[b] === PixelKind.flat &&
    kinds[c] === PixelKind.flat &&
    kinds[d] === PixelKind.flat &&
    (a === b || (runTogether(plane, a, b) && runTogether(plane, c, d))) &&
    (a === c || (runTogether(plane, a, c) && runTogether(plane, b, d)))
  )
}

/** The node of every sample's own pixel. */
function nodesOfSamples({ mixtures, shades }: SampleMixtures): Uint16Array {
  const nodes = new Uint16Array(mixtures.length)
  let node = table.node(mixtures[0]!, shades[0]!)
  for (let sample = 0; sample < nodes.length; sample++) {
    if (sample > 0 && (mixtures[sample] !== mixtures[sample - 1] || shades[sample] !== shades[sample - 1])) {
      node = table.node(mixtures[sample]!, shades[sample]!)
    }
    nodes[sample] = node
  }
  return nodes
}
