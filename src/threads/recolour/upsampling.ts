import type { RegionAnalysis, Tone } from '../protocol.ts'
import { NOISE_STEP, type Background } from './background.ts'
import { EdgeBlock } from './edge-block.ts'
import { EvenRuns } from './even-runs.ts'
import type { Memberships } from './memberships.ts'
import { LightnessSlope } from './lightness-slope.ts'
import { withoutNoise, type MixtureLightness } from './mixture-lightness.ts'
import { NodeTable } from './node-table.ts'
import type { SampleMixtures } from './sample-mixtures.ts'
import { partDifference, PixelKind, runTogether, type SamplePlane } from './sample-plane.ts'
import { SmoothMixture } from './smooth-mixture.ts'

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
 */
export function sortPixels(sources: SortSources): SortedPixels {
  for (let grain = 1; ; grain *= 2) {
    table.reset(grain)
    const sorted = new PixelSorter(sources).sortAll()
    if (!table.full) return { ...sorted, nodes: table.nodes() }
  }
}

class PixelSorter {
  private readonly sources: SortSources
  private readonly nodeOfPixel: Uint16Array
  private readonly nodeOfSample: Uint16Array
  private readonly buffer: Buffer
  private readonly edge: EdgeBlock
  private readonly smooth: SmoothMixture
  private readonly slope = new LightnessSlope()
  private readonly runs: EvenRuns

  constructor(sources: SortSources) {
    const { image } = sources.plane
    this.sources = sources
    this.nodeOfPixel = new Uint16Array(new SharedArrayBuffer(image.width * image.height * 2))
    this.nodeOfSample = nodesOfSamples(sources.samples)
    this.buffer = Buffer.from(image.pixels)
    this.edge = new EdgeBlock(sources, table)
    this.smooth = new SmoothMixture(sources.tones.length)
    this.runs = new EvenRuns(sources.plane.stridePx)
  }

  sortAll(): Omit<SortedPixels, 'nodes'> {
    const { image, stridePx, offsetPx, columns, rows } = this.sources.plane
    for (let row = -1; row < rows; row++) {
      const y0 = Math.max(0, offsetPx + row * stridePx)
      const y1 = row === rows - 1 ? image.height : Math.min(image.height, offsetPx + (row + 1) * stridePx)
      if (y0 >= y1) continue
      const top = Math.max(0, row) * columns
      const bottom = Math.min(rows - 1, row + 1) * columns
      for (let column = -1; column < columns;) {
        const left = Math.max(0, column)
        const last = this.lastAlike(top, bottom, left)
        const isLast = last === columns - 1
        const x0 = Math.max(0, offsetPx + column * stridePx)
        if (last > left || (last === left && (isLast || column < 0))) {
          const x1 = isLast ? image.width : offsetPx + last * stridePx
          if (x1 > x0) this.fillEven(x0, x1, y0, y1, row, top + left)
          column = isLast ? columns : last
          continue
        }
        const x1 =
          column === columns - 1 ? image.width : Math.min(image.width, offsetPx + (column + 1) * stridePx)
        if (x0 < x1) this.sortBlock(x0, x1, y0, y1, column, row)
        column++
      }
      this.runs.closeRows()
    }
    return { nodeOfPixel: this.nodeOfPixel, evenRuns: this.runs.finish() }
  }

  /** The last column up to which all samples of two rows are alike; -1 where not even the first two are. */
  private lastAlike(top: number, bottom: number, first: number): number {
    const { columns, rgb, kinds } = this.sources.plane
    const nodes = this.nodeOfSample
    const colour = rgb[top + first]
    const node = nodes[top + first]
    if (kinds[top + first] === PixelKind.hidden) return -1
    let column = first
    while (
      column < columns &&
      rgb[top + column] === colour &&
      rgb[bottom + column] === colour &&
      nodes[top + column] === node &&
      nodes[bottom + column] === node
    ) {
      column++
    }
    return column === first ? -1 : column - 1
  }

  /** A run of blocks between samples that are all alike: nearly always every pixel is, too. */
  private fillEven(x0: number, x1: number, y0: number, y1: number, row: number, sample: number): void {
    const { image, bytes, rgb } = this.sources.plane
    const { width, channels } = image
    const node = this.nodeOfSample[sample]!
    const colour = rgb[sample]!
    const red = colour >> 16
    const green = (colour >> 8) & 255
    const blue = colour & 255
    for (let y = y0; y < y1; y++) {
      const pixel = y * width + x0
      const from = pixel * channels
      const to = (y * width + x1) * channels
      const startsAlike = bytes[from] === red && bytes[from + 1] === green && bytes[from + 2] === blue
      if (startsAlike && this.buffer.compare(this.buffer, from + channels, to, from, to - channels) === 0) {
        this.fillRun(pixel, pixel + x1 - x0, node, y - y0)
      } else this.fillUneven(x0, x1, y, row, colour, node)
    }
  }

  /** In an opaque image an even run stands for its pixels; a transparent one needs each of them. */
  private fillRun(start: number, end: number, node: number, line: number): void {
    const isOpaque = this.sources.plane.image.channels === 3
    const added = isOpaque ? this.runs.add(line, start, end, node) : undefined
    if (added === undefined) this.nodeOfPixel.fill(node, start, end)
    else {
      this.nodeOfPixel.fill(node, start, added.start)
      this.nodeOfPixel.fill(node, added.end, end)
    }
  }

  /** A row of such a run in which something else was found. */
  private fillUneven(x0: number, x1: number, y: number, row: number, even: number, node: number): void {
    const { image, bytes, offsetPx, stridePx } = this.sources.plane
    const nodes = this.nodeOfPixel
    let pixel = y * image.width + x0
    for (let x = x0, at = pixel * image.channels; x < x1; x++, at += image.channels, pixel++) {
      const red = bytes[at]!
      const green = bytes[at + 1]!
      const blue = bytes[at + 2]!
      if (((red << 16) | (green << 8) | blue) === even) nodes[pixel] = node
      else nodes[pixel] = this.edge.nodeOf(Math.floor((x - offsetPx) / stridePx), row, red, green, blue)
    }
  }

  private sortBlock(x0: number, x1: number, y0: number, y1: number, column: number, row: number): void {
    const { plane, samples, background } = this.sources
    const { columns, rows, rgb } = plane
    const left = Math.max(0, column)
    const right = Math.min(columns - 1, column + 1)
    const top = Math.max(0, row) * columns
    const bottom = Math.min(rows - 1, row + 1) * columns
    const a = top + left
    const b = top + right
    const c = bottom + left
    const d = bottom + right
    if (!areSmooth(plane, a, b, c, d)) {
      this.sortByColour(x0, x1, y0, y1, column, row)
      return
    }
    const mask = background?.mask
    const ground = mask === undefined ? 0 : mask[a]! + mask[b]! + mask[c]! + mask[d]!
    if (ground === 4) {
      this.sortGround(x0, x1, y0, y1, column, row, this.nodeOfSample[a]!)
      return
    }
    // However little the subject differs from the background there, the border between them is a line.
    if (ground > 0 && background?.open !== true) {
      this.sortByColour(x0, x1, y0, y1, column, row)
      return
    }
    const { mixtures } = samples
    this.smooth.enter(mixtures[a]!, mixtures[b]!, mixtures[c]!, mixtures[d]!)
    this.sortSmooth(x0, x1, y0, y1, column, row, rgb[a]!)
  }

  /** A block of the background: its noise is left out. */
  private sortGround(
    x0: number,
    x1: number,
    y0: number,
    y1: number,
    column: number,
    row: number,
    node: number,
  ): void {
    const { image, bytes } = this.sources.plane
    const { width, channels } = image
    const groundRgb = this.sources.background?.rgb ?? 0
    const nodes = this.nodeOfPixel
    for (let y = y0; y < y1; y++) {
      for (
        let pixel = y * width + x0, at = pixel * channels;
        pixel < y * width + x1;
        pixel++, at += channels
      ) {
        const colour = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
        const isNoise = colour === groundRgb || partDifference(colour, groundRgb) <= NOISE_STEP
        nodes[pixel] = isNoise
          ? node
          : this.edge.nodeOf(column, row, bytes[at]!, bytes[at + 1]!, bytes[at + 2]!)
      }
    }
  }

  /**
   * A block where tones run into each other, or of one tone in its shades: every pixel takes its mixture by its
   * place, and keeps its shade.
   */
  private sortSmooth(
    x0: number,
    x1: number,
    y0: number,
    y1: number,
    column: number,
    row: number,
    sampleRgb: number,
  ): void {
    const { plane, lightness } = this.sources
    const { image, bytes, stridePx, offsetPx } = plane
    const { width, channels } = image
    const nodes = this.nodeOfPixel
    const smooth = this.smooth
    const slope = this.slope
    slope.setAt(sampleRgb)
    const { base, red: byRed, green: byGreen, blue: byBlue } = slope
    const step = 1 / stridePx
    const lowRed = (sampleRgb >> 16) - MAX_STEP
    const lowGreen = ((sampleRgb >> 8) & 255) - MAX_STEP
    const lowBlue = (sampleRgb & 255) - MAX_STEP
    let mixture = smooth.one
    let ofMixture = lightness.of(mixture)
    for (let y = y0; y < y1; y++) {
      const fromTop = (y - offsetPx) * step - row
      let fromLeft = (x0 - offsetPx) * step - column
      const end = y * width + x1
      for (let pixel = y * width + x0, at = pixel * channels; pixel < end; pixel++, at += channels) {
        const red = bytes[at]!
        const green = bytes[at + 1]!
        const blue = bytes[at + 2]!
        // A part below its range becomes a large number, so that one comparison sees both ends.
        const isFar =
          (red - lowRed) >>> 0 > 2 * MAX_STEP ||
          (green - lowGreen) >>> 0 > 2 * MAX_STEP ||
          (blue - lowBlue) >>> 0 > 2 * MAX_STEP
        if (isFar) nodes[pixel] = this.edge.nodeOf(column, row, red, green, blue)
        else {
          if (!smooth.isOne) {
            mixture = smooth.mixtureAt(fromLeft, fromTop)
            ofMixture = lightness.of(mixture)
          }
          const off = base + byRed * red + byGreen * green + byBlue * blue - ofMixture
          nodes[pixel] = table.node(mixture, withoutNoise(off))
        }
        fromLeft += step
      }
    }
  }

  private sortByColour(x0: number, x1: number, y0: number, y1: number, column: number, row: number): void {
    const { image, bytes } = this.sources.plane
    const { width, channels } = image
    for (let y = y0; y < y1; y++) {
      for (
        let pixel = y * width + x0, at = pixel * channels;
        pixel < y * width + x1;
        pixel++, at += channels
      ) {
        this.nodeOfPixel[pixel] = this.edge.nodeOf(column, row, bytes[at]!, bytes[at + 1]!, bytes[at + 2]!)
      }
    }
  }
}

function areSmooth(plane: SamplePlane, a: number, b: number, c: number, d: number): boolean {
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

/** A pixel between smooth samples may differ this much from the first of them in any part. */
const MAX_STEP = 42

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
