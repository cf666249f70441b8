import { pixelKernel } from '../kernel.ts'
import {
  colourAt,
  partDifference,
  pixelColumn,
  pixelRow,
  totalDifference,
  type SamplePlane,
} from './sample-plane.ts'

/**
 * What was found out about the samples at edges, in the kernel's memory. Side and like are numbers of samples, -1 where
 * there is none.
 */
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

/** The way to a side goes on while the sum of part differences grows by this much. */
const MIN_PROGRESS = 1
/** Longest way to a side, as a share of the image's longer side, and in pixels. */
const REACH = 0.01
const REACH_RANGE_PX: readonly [number, number] = [3, 12]

/** The four lines through a pixel: across, down, and both diagonals. */
const DX = Int8Array.of(1, 0, 1, 1)
const DY = Int8Array.of(0, 1, 1, -1)

/**
 * Finds for every sample at an edge from which two sides it is mixed: walks over the image's pixels to both of them, and
 * has the kernel find the samples that show them.
 */
export function findEdgeSamples(plane: SamplePlane): EdgeSamples {
  const { columns } = plane
  const kernel = pixelKernel()
  const { buffer } = kernel.memory
  const count = kernel.listEdges()
  const samples = new Uint32Array(buffer, kernel.edgeSamples.value, count)
  const reach = reachPx(plane.image.width, plane.image.height)
  for (let i = 0; i < count; i++) {
    const sample = samples[i]!
    const x = pixelColumn(plane, sample % columns)
    const y = pixelRow(plane, (sample / columns) | 0)
    const direction = steepest(plane, x, y)
    const dx = DX[direction]!
    const dy = DY[direction]!
    const there = wayToSide(plane, x, y, dx, dy, reach)
    const back = wayToSide(plane, x, y, -dx, -dy, reach)
    const firstX = x + dx * there
    const firstY = y + dy * there
    const secondX = x - dx * back
    const secondY = y - dy * back
    kernel.settleEdge(
      i,
      x,
      y,
      firstX,
      firstY,
      nearestColour(plane, firstX, firstY),
      secondX,
      secondY,
      nearestColour(plane, secondX, secondY),
    )
  }
  return {
    count,
    sample: samples,
    from: new Int32Array(buffer, kernel.edgeFrom.value, count),
    to: new Int32Array(buffer, kernel.edgeTo.value, count),
    share: new Float32Array(buffer, kernel.edgeShares.value, count),
    like: new Int32Array(buffer, kernel.edgeLike.value, count),
  }
}

/** `0xRRGGBB` of a pixel; beyond the image that of the nearest one. */
function nearestColour(plane: SamplePlane, x: number, y: number): number {
  const { width, height } = plane.image
  const column = x < 0 ? 0 : x >= width ? width - 1 : x
  const row = y < 0 ? 0 : y >= height ? height - 1 : y
  return colourAt(plane, column, row)
}

/** Of the four lines through a pixel, the one along which the colour changes most. */
function steepest(plane: SamplePlane, x: number, y: number): number {
  let best = 0
  let most = -1
  for (let direction = 0; direction < DX.length; direction++) {
    const one = nearestColour(plane, x + DX[direction]!, y + DY[direction]!)
    const other = nearestColour(plane, x - DX[direction]!, y - DY[direction]!)
    const difference = partDifference(one, other)
    if (difference > most) {
      best = direction
      most = difference
    }
  }
  return best
}

/** How many steps a direction leads away from the colour of the start. */
function wayToSide(plane: SamplePlane, x: number, y: number, dx: number, dy: number, reach: number): number {
  const own = nearestColour(plane, x, y)
  let end = 0
  let endDifference = 0
  for (let step = 1; step <= reach; step++) {
    const difference = totalDifference(nearestColour(plane, x + dx * step, y + dy * step), own)
    if (difference < endDifference + MIN_PROGRESS) break
    end = step
    endDifference = difference
  }
  return end
}

function reachPx(width: number, height: number): number {
  const wanted = Math.round(Math.max(width, height) * REACH)
  return Math.min(REACH_RANGE_PX[1], Math.max(REACH_RANGE_PX[0], wanted))
}
