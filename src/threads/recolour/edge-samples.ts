import {
  colourAt,
  partDifference,
  pixelColumn,
  pixelRow,
  PixelKind,
  totalDifference,
  type SamplePlane,
} from './sample-plane.ts'

/** What was found out about the samples at edges. Side and like are numbers of samples, -1 where there is none. */
export type EdgeSamples = {
  readonly count: number
  /** Number of the sample. */
  readonly sample: Uint32Array
  /** Samples of the two sides that antialiasing, or a soft edge, has mixed it from; both -1 for no mixture. */
  readonly from: Int32Array
  readonly to: Int32Array
  /** How far its colour is on the way from the first side to the second in OKLab, 0 to 1. */
  readonly share: Float32Array
  /** For no mixture: the sample beside the edge that it is most like, -1 where it is a thing of its own. */
  readonly like: Int32Array
}

/** Sides whose parts differ by less (0 to 255) are no two sides. */
const MIN_SIDES_DIFFERENCE = 10
/** The way to a side goes on while the sum of part differences grows by this much. */
const MIN_PROGRESS = 1
/** Longest way to a side, as a share of the image's longer side, and in pixels. */
const REACH = 0.01
const REACH_RANGE_PX: readonly [number, number] = [3, 12]
/** A mixture may lie off the line between both sides by this share of their distance. */
const MAX_DEVIATION = 0.3
/** How far round a pixel its like is looked for, in samples, and how unlike (sum of part differences) it may be. */
const SETTLE_SAMPLES = 2
const MAX_UNLIKE = 90
/** The same for a sample that is no mixture: a line has a colour of its own. */
const MAX_UNLIKE_ALONE = 40

/** The four lines through a pixel: across, down, and both diagonals. */
const DX = Int8Array.of(1, 0, 1, 1)
const DY = Int8Array.of(0, 1, 1, -1)

/** Finds for every sample at an edge from which two sides it is mixed. `background` is 1 for its samples. */
export function findEdgeSamples(plane: SamplePlane, background: Uint8Array | undefined): EdgeSamples {
  const { columns, rgb, labs, kinds } = plane
  const sides = new SideFinder(plane, background)
  const samples = listEdgeSamples(kinds, background)
  const count = samples.length
  const from = new Int32Array(count).fill(-1)
  const to = new Int32Array(count).fill(-1)
  const share = new Float32Array(count)
  const like = new Int32Array(count).fill(-1)
  for (let i = 0; i < count; i++) {
    const sample = samples[i]!
    const x = pixelColumn(plane, sample % columns)
    const y = pixelRow(plane, (sample / columns) | 0)
    const direction = sides.steepest(x, y)
    const first = sides.sideOf(x, y, DX[direction]!, DY[direction]!)
    const second = first < 0 ? -1 : sides.sideOf(x, y, -DX[direction]!, -DY[direction]!)
    if (second >= 0 && isMixture(rgb[first]!, rgb[second]!, rgb[sample]!)) {
      from[i] = first
      to[i] = second
      share[i] = positionBetween(labs, first, second, sample)
    } else like[i] = sides.settle(x, y, rgb[sample]!, MAX_UNLIKE_ALONE)
  }
  return { count, sample: samples, from, to, share, like }
}

/** Walks over the image's pixels from a sample at an edge to what lies on both sides of it. */
class SideFinder {
  private readonly plane: SamplePlane
  private readonly background: Uint8Array | undefined
  private readonly reach: number

  constructor(plane: SamplePlane, background: Uint8Array | undefined) {
    this.plane = plane
    this.background = background
    this.reach = reachPx(plane.image.width, plane.image.height)
  }

  private colourAt(x: number, y: number): number {
    const { width, height } = this.plane.image
    const column = x < 0 ? 0 : x >= width ? width - 1 : x
    const row = y < 0 ? 0 : y >= height ? height - 1 : y
    return colourAt(this.plane, column, row)
  }

  /** Of the four lines through a pixel, the one along which the colour changes most. */
  steepest(x: number, y: number): number {
    let best = 0
    let most = -1
    for (let direction = 0; direction < DX.length; direction++) {
      const one = this.colourAt(x + DX[direction]!, y + DY[direction]!)
      const other = this.colourAt(x - DX[direction]!, y - DY[direction]!)
      const difference = partDifference(one, other)
      if (difference > most) {
        best = direction
        most = difference
      }
    }
    return best
  }

  /** Walks while the colour moves away from the start, and settles where it stops. */
  sideOf(x: number, y: number, dx: number, dy: number): number {
    const own = this.colourAt(x, y)
    let end = 0
    let endColour = own
    let endDifference = 0
    for (let step = 1; step <= this.reach; step++) {
      const colour = this.colourAt(x + dx * step, y + dy * step)
      const difference = totalDifference(colour, own)
      if (difference < endDifference + MIN_PROGRESS) break
      end = step
      endColour = colour
      endDifference = difference
    }
    return this.settle(x + dx * end, y + dy * end, endColour, MAX_UNLIKE)
  }

  /** The sample near by that is most like a colour and no edge; -1 when none is like it. */
  settle(x: number, y: number, colour: number, maxUnlike: number): number {
    const { columns, rows, stridePx, offsetPx, rgb, kinds } = this.plane
    const column = Math.round((x - offsetPx) / stridePx)
    const row = Math.round((y - offsetPx) / stridePx)
    let best = -1
    let bestDifference = maxUnlike
    const top = Math.max(0, row - SETTLE_SAMPLES)
    const bottom = Math.min(rows - 1, row + SETTLE_SAMPLES)
    const left = Math.max(0, column - SETTLE_SAMPLES)
    const right = Math.min(columns - 1, column + SETTLE_SAMPLES)
    for (let r = top; r <= bottom; r++) {
      for (let candidate = r * columns + left; candidate <= r * columns + right; candidate++) {
        if (kinds[candidate] !== PixelKind.flat && this.background?.[candidate] !== 1) continue
        const difference = totalDifference(rgb[candidate]!, colour)
        if (difference < bestDifference) {
          best = candidate
          bestDifference = difference
        }
      }
    }
    return best
  }
}

function listEdgeSamples(kinds: Uint8Array, background: Uint8Array | undefined): Uint32Array {
  let count = 0
  const samples = new Uint32Array(kinds.length)
  for (let sample = 0; sample < kinds.length; sample++) {
    if (kinds[sample] !== PixelKind.edge) continue
    if (background === undefined || background[sample] === 0) samples[count++] = sample
  }
  return samples.slice(0, count)
}

function reachPx(width: number, height: number): number {
  const wanted = Math.round(Math.max(width, height) * REACH)
  return Math.min(REACH_RANGE_PX[1], Math.max(REACH_RANGE_PX[0], wanted))
}

/** Whether a colour lies between two others that differ, as a mixture of them does. */
function isMixture(from: number, to: number, mixed: number): boolean {
  if (partDifference(from, to) < MIN_SIDES_DIFFERENCE) return false
  const r = from >> 16
  const g = (from >> 8) & 255
  const b = from & 255
  const lineR = (to >> 16) - r
  const lineG = ((to >> 8) & 255) - g
  const lineB = (to & 255) - b
  const r0 = (mixed >> 16) - r
  const g0 = ((mixed >> 8) & 255) - g
  const b0 = (mixed & 255) - b
  const length = lineR * lineR + lineG * lineG + lineB * lineB
  const t = Math.min(1, Math.max(0, (r0 * lineR + g0 * lineG + b0 * lineB) / length))
  const off = (r0 - t * lineR) ** 2 + (g0 - t * lineG) ** 2 + (b0 - t * lineB) ** 2
  return off <= MAX_DEVIATION * MAX_DEVIATION * length
}

/** Position of a sample on the line between two others in OKLab, 0 to 1. */
function positionBetween(labs: Float32Array, from: number, to: number, mixed: number): number {
  let along = 0
  let length = 0
  for (let part = 0; part < 3; part++) {
    const line = labs[to * 3 + part]! - labs[from * 3 + part]!
    along += line * (labs[mixed * 3 + part]! - labs[from * 3 + part]!)
    length += line * line
  }
  return Math.min(1, Math.max(0, along / length))
}
