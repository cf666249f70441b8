import { PixelKind, partDifference } from './flatness.ts'

/**
 * Pixels that antialiasing has mixed from the colours on both sides of an edge. Such a pixel takes its new
 * colour from the new colours of the two sides, so that no third colour shows between them.
 */
export type MixedPixels = {
  readonly count: number
  /** Number of the pixel. */
  readonly pixel: Uint32Array
  /** Numbers of the colours on the two sides. */
  readonly from: Uint16Array
  readonly to: Uint16Array
  /** Share of the second side, 0 to 255. */
  readonly share: Uint8Array
}

/** Part differences (0 to 255): two sides that differ less are no edge, steps below the second end the walk. */
const MIN_SIDES_DIFFERENCE = 10
const MIN_PROGRESS = 1
/** A pixel may lie off the line between both sides by this share of their distance. */
const MAX_DEVIATION = 0.3

export function findMixedPixels(
  width: number,
  height: number,
  colourOfPixel: Uint16Array,
  kinds: Uint8Array,
  rgb: Uint32Array,
  toneOfColour: Uint8Array,
): MixedPixels {
  const reach = Math.min(12, Math.max(3, Math.round(Math.max(width, height) / 100)))
  const edgeCount = kinds.reduce((sum, kind) => sum + (kind === PixelKind.edge ? 1 : 0), 0)
  const pixelOf = new Uint32Array(new SharedArrayBuffer(edgeCount * 4))
  const from = new Uint16Array(new SharedArrayBuffer(edgeCount * 2))
  const to = new Uint16Array(new SharedArrayBuffer(edgeCount * 2))
  const share = new Uint8Array(new SharedArrayBuffer(edgeCount))
  let count = 0
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      if (kinds[pixel] !== PixelKind.edge) continue
      // Of the four lines through the pixel, the one along which the colour changes most.
      let [dx, dy, change] = [0, 0, -1]
      for (const [stepX, stepY] of DIRECTIONS) {
        const one = at(x + stepX, y + stepY)
        const other = at(x - stepX, y - stepY)
        const difference = partDifference(rgb[one]!, rgb[other]!)
        if (difference > change) [dx, dy, change] = [stepX, stepY, difference]
      }
      const own = rgb[colourOfPixel[pixel]!]!
      const first = walk(x, y, dx, dy, own)
      const second = walk(x, y, -dx, -dy, own)
      if (toneOfColour[first] === toneOfColour[second]) continue
      if (partDifference(rgb[first]!, rgb[second]!) < MIN_SIDES_DIFFERENCE) continue
      const t = shareBetween(rgb[first]!, rgb[second]!, own)
      if (t < 0) continue
      pixelOf[count] = pixel
      from[count] = first
      to[count] = second
      share[count] = t
      count++
    }
  }
  return { count, pixel: pixelOf, from, to, share }

  function at(x: number, y: number): number {
    const column = x < 0 ? 0 : x >= width ? width - 1 : x
    const row = y < 0 ? 0 : y >= height ? height - 1 : y
    return colourOfPixel[row * width + column]!
  }

  /** Walks while the colour moves away from the start; gives the number of the colour where it stops. */
  function walk(x: number, y: number, dx: number, dy: number, own: number): number {
    let best = at(x, y)
    let bestDifference = 0
    for (let step = 1; step <= reach; step++) {
      const colour = at(x + dx * step, y + dy * step)
      const difference = totalDifference(rgb[colour]!, own)
      if (difference < bestDifference + MIN_PROGRESS) break
      best = colour
      bestDifference = difference
    }
    return best
  }
}

const DIRECTIONS: readonly (readonly [number, number])[] = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
]

function totalDifference(one: number, other: number): number {
  return (
    Math.abs((one >> 16) - (other >> 16)) +
    Math.abs(((one >> 8) & 255) - ((other >> 8) & 255)) +
    Math.abs((one & 255) - (other & 255))
  )
}

/** Share of `to` in a mix of two colours, 0 to 255; -1 when the colour is no mix of them. */
function shareBetween(from: number, to: number, mixed: number): number {
  const [r, g, b] = [from >> 16, (from >> 8) & 255, from & 255]
  const [lineR, lineG, lineB] = [(to >> 16) - r, ((to >> 8) & 255) - g, (to & 255) - b]
  const [r0, g0, b0] = [(mixed >> 16) - r, ((mixed >> 8) & 255) - g, (mixed & 255) - b]
  const length = lineR * lineR + lineG * lineG + lineB * lineB
  const t = Math.min(1, Math.max(0, (r0 * lineR + g0 * lineG + b0 * lineB) / length))
  const off = (r0 - t * lineR) ** 2 + (g0 - t * lineG) ** 2 + (b0 - t * lineB) ** 2
  return off > MAX_DEVIATION * MAX_DEVIATION * length ? -1 : Math.round(t * 255)
}
