import { partDifference, totalDifference, type ColourIndex } from './colour-index.ts'
import { PixelKind } from './pixel-kinds.ts'

/**
 * Pixels that antialiasing has mixed from the colours on both sides of an edge. Such a pixel takes its new
 * colour from the new colours of the two sides, so that no third colour shows between them.
 */
export type MixedPixels = {
  readonly count: number
  /** Number of the pixel. */
  readonly pixel: Uint32Array
  /** Numbers of the pixels on the two sides. */
  readonly from: Uint32Array
  readonly to: Uint32Array
  /** How far the pixel's colour is on the way from the first side to the second in OKLab, 0 to 255. */
  readonly share: Uint8Array
}

/** What was found out about the pixels at edges. */
export type EdgePixels = {
  readonly mixed: MixedPixels
  /** Edge pixels that are no mixture, in pairs: the pixel, and the pixel beside the edge that it is most like. */
  readonly unmixed: Uint32Array
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
/** How far round a pixel its like is looked for, and how unlike (sum of part differences) it may be. */
const SETTLE_PX = 3
const MAX_UNLIKE = 90

const DIRECTIONS: readonly (readonly [number, number])[] = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
]

/** Finds for every pixel at an edge from which two sides it is mixed. `background` is 1 for its pixels. */
export function findEdgePixels(
  index: ColourIndex,
  kinds: Uint8Array,
  background: Uint8Array | undefined,
): EdgePixels {
  const { width, height, ofPixel, rgb } = index
  const reach = reachPx(width, height)
  const edgePixels = listEdgePixels(kinds, background)
  const edgeCount = edgePixels.length
  const mixedPixel = new Uint32Array(edgeCount)
  const from = new Uint32Array(edgeCount)
  const to = new Uint32Array(edgeCount)
  const share = new Uint8Array(edgeCount)
  const unmixed = new Uint32Array(edgeCount * 2)
  /** The like of each pixel, plus one; 0 while it is not known. */
  const settled = new Uint32Array(width * height)
  let count = 0
  let unmixedCount = 0
  for (let i = 0; i < edgeCount; i++) {
    const pixel = edgePixels[i]!
    const x = pixel % width
    const y = (pixel - x) / width
    const [dx, dy] = steepest(x, y)
    const first = settle(walk(x, y, dx, dy))
    const second = settle(walk(x, y, -dx, -dy))
    if (isMixture(rgb[ofPixel[first]!]!, rgb[ofPixel[second]!]!, rgb[ofPixel[pixel]!]!)) {
      mixedPixel[count] = pixel
      from[count] = first
      to[count] = second
      share[count++] = positionBetween(index.labs, ofPixel[first]!, ofPixel[second]!, ofPixel[pixel]!)
    } else {
      unmixed[unmixedCount++] = pixel
      unmixed[unmixedCount++] = settle(pixel)
    }
  }
  return {
    mixed: {
      count,
      pixel: mixedPixel.subarray(0, count),
      from: from.subarray(0, count),
      to: to.subarray(0, count),
      share: share.subarray(0, count),
    },
    unmixed: unmixed.subarray(0, unmixedCount),
  }

  function at(x: number, y: number): number {
    const column = x < 0 ? 0 : x >= width ? width - 1 : x
    const row = y < 0 ? 0 : y >= height ? height - 1 : y
    return row * width + column
  }

  /** Of the four lines through a pixel, the one along which the colour changes most. */
  function steepest(x: number, y: number): readonly [number, number] {
    let best = DIRECTIONS[0]!
    let most = -1
    for (const direction of DIRECTIONS) {
      const one = rgb[ofPixel[at(x + direction[0], y + direction[1])]!]!
      const other = rgb[ofPixel[at(x - direction[0], y - direction[1])]!]!
      const difference = partDifference(one, other)
      if (difference > most) {
        best = direction
        most = difference
      }
    }
    return best
  }

  /** Walks while the colour moves away from the start; gives the pixel where it stops. */
  function walk(x: number, y: number, dx: number, dy: number): number {
    const own = rgb[ofPixel[at(x, y)]!]!
    let best = at(x, y)
    let bestDifference = 0
    for (let step = 1; step <= reach; step++) {
      const next = at(x + dx * step, y + dy * step)
      const difference = totalDifference(rgb[ofPixel[next]!]!, own)
      if (difference < bestDifference + MIN_PROGRESS) break
      best = next
      bestDifference = difference
    }
    return best
  }

  /** The most like pixel near by that is no edge; the pixel itself when it is none, or has no like. */
  function settle(pixel: number): number {
    if (isSide(pixel)) return pixel
    if (settled[pixel] === 0) settled[pixel] = 1 + findLike(pixel)
    return settled[pixel]! - 1
  }

  function findLike(pixel: number): number {
    const x = pixel % width
    const y = (pixel - x) / width
    const own = rgb[ofPixel[pixel]!]!
    let best = pixel
    let bestDifference = MAX_UNLIKE
    for (let row = Math.max(0, y - SETTLE_PX); row <= Math.min(height - 1, y + SETTLE_PX); row++) {
      for (let column = Math.max(0, x - SETTLE_PX); column <= Math.min(width - 1, x + SETTLE_PX); column++) {
        const candidate = row * width + column
        if (!isSide(candidate)) continue
        const difference = totalDifference(rgb[ofPixel[candidate]!]!, own)
        if (difference < bestDifference) {
          best = candidate
          bestDifference = difference
        }
      }
    }
    return best
  }

  function isSide(pixel: number): boolean {
    return kinds[pixel] === PixelKind.flat || background?.[pixel] === 1
  }
}

function listEdgePixels(kinds: Uint8Array, background: Uint8Array | undefined): Uint32Array {
  let count = 0
  for (let pixel = 0; pixel < kinds.length; pixel++) if (kinds[pixel] === PixelKind.edge) count++
  const pixels = new Uint32Array(count)
  count = 0
  for (let pixel = 0; pixel < kinds.length; pixel++) {
    if (kinds[pixel] !== PixelKind.edge) continue
    if (background === undefined || background[pixel] === 0) pixels[count++] = pixel
  }
  return pixels.subarray(0, count)
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

/** Position of a colour on the line between two others in OKLab, 0 to 255. */
function positionBetween(labs: Float64Array, from: number, to: number, mixed: number): number {
  let along = 0
  let length = 0
  for (let part = 0; part < 3; part++) {
    const line = labs[to * 3 + part]! - labs[from * 3 + part]!
    along += line * (labs[mixed * 3 + part]! - labs[from * 3 + part]!)
    length += line * line
  }
  return Math.round(Math.min(1, Math.max(0, along / length)) * 255)
}
