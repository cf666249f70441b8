import type { Raster } from '../codec/raster.ts'
import { pixelKernel, type KernelExports } from '../kernel.ts'

/**
 * Every n-th pixel of every n-th row, taken as it is: a mean across an edge would be a colour that the image
 * does not have. What surrounds the subject, which tones there are and where they run into each other is found
 * out on this plane, so that it costs much the same for every size of image. The samples lie in the kernel's memory and
 * are good until the next image.
 */
export type SamplePlane = {
  readonly image: Raster
  /** All bytes of the image. */
  readonly bytes: Uint8Array
  /** Distance between two samples, and of the first one from the border, in pixels. */
  readonly stridePx: number
  readonly offsetPx: number
  readonly columns: number
  readonly rows: number
  /** `0xRRGGBB` of each sample. */
  readonly rgb: Uint32Array
  /** OKLab of each sample, three values each. */
  readonly labs: Float32Array
  /** PixelKind of each sample. */
  readonly kinds: Uint8Array
  /** GroundPart of each sample, once the background is found. */
  readonly mask: Uint8Array
}

/** What a pixel is part of: an evenly coloured or smoothly shaded place, an edge, or nothing visible. */
export const PixelKind = { flat: 0, edge: 1, hidden: 2 } as const

/** What a sample has to do with the background: nothing, it shows that and nothing else, or it lies in a shadow on it. */
export const GroundPart = { none: 0, ground: 1, shade: 2 } as const

/** Samples along the longer side at most. */
const MAX_SAMPLES = 180
/** Colours are compared over this many pixels to either side. */
const SPAN_PX = 2
/** Part difference (0 to 255) that makes an edge. */
const EDGE_STEP = 20
/** How far from an edge its foot may lie. */
const FOOT_PX = 3

export function takeSamples(image: Raster): SamplePlane {
  const { width, height, channels } = image
  const bytes = image.pixels
  const stridePx = Math.max(1, Math.ceil(Math.max(width, height) / MAX_SAMPLES))
  const offsetPx = stridePx >> 1
  const columns = Math.max(1, Math.ceil((width - offsetPx) / stridePx))
  const rows = Math.max(1, Math.ceil((height - offsetPx) / stridePx))
  const kernel = pixelKernel()
  kernel.layOut(width, height, channels, stridePx, offsetPx, columns, rows)
  const { buffer } = kernel.memory
  const count = columns * rows
  const plane = {
    image,
    bytes,
    stridePx,
    offsetPx,
    columns,
    rows,
    rgb: new Uint32Array(buffer, kernel.rgb.value, count),
    labs: new Float32Array(buffer, kernel.labs.value, count * 3),
    kinds: new Uint8Array(buffer, kernel.kinds.value, count),
    mask: new Uint8Array(buffer, kernel.mask.value, count),
  }
  for (let row = 0; row < rows; row++) sampleRow(kernel, plane, row)
  return plane
}

/** Lines are copied from a multiple of so many bytes on: shared memory is copied by words. */
const ALIGNED_BYTES = 8

function sampleRow(kernel: KernelExports, plane: SamplePlane, row: number): void {
  const { image, bytes, columns, kinds } = plane
  const lines = new Uint8Array(kernel.memory.buffer, kernel.bandBytes.value)
  const y = pixelRow(plane, row)
  const above = copyLine(lines, 0, plane, Math.max(0, y - SPAN_PX))
  const line = copyLine(lines, 1, plane, y)
  const below = copyLine(lines, 2, plane, Math.min(image.height - 1, y + SPAN_PX))
  const listed = new Uint32Array(
    kernel.memory.buffer,
    kernel.listed.value,
    kernel.sampleRow(row, above, line, below),
  )
  for (const sample of listed) {
    if (isFoot(image, bytes, pixelColumn(plane, sample % columns), y)) kinds[sample] = PixelKind.edge
  }
}

/** Copies a line of pixels to a place; returns where it begins. */
function copyLine(lines: Uint8Array, place: number, { image, bytes }: SamplePlane, y: number): number {
  const lineBytes = image.width * image.channels
  const placeBytes = ALIGNED_BYTES * Math.ceil(lineBytes / ALIGNED_BYTES + 1)
  const lead = (y * lineBytes) % ALIGNED_BYTES
  lines.set(bytes.subarray(y * lineBytes - lead, (y + 1) * lineBytes), place * placeBytes)
  return place * placeBytes + lead
}

/** Whether an edge is near by. */
function isFoot(image: Raster, bytes: Uint8Array, x: number, y: number): boolean {
  return (
    isEdge(image, bytes, Math.max(0, x - FOOT_PX), y) ||
    isEdge(image, bytes, Math.min(image.width - 1, x + FOOT_PX), y) ||
    isEdge(image, bytes, x, Math.max(0, y - FOOT_PX)) ||
    isEdge(image, bytes, x, Math.min(image.height - 1, y + FOOT_PX))
  )
}

function isEdge({ width, height, channels }: Raster, bytes: Uint8Array, x: number, y: number): boolean {
  const rowBytes = width * channels
  const at = y * rowBytes + x * channels
  const left = at - Math.min(x, SPAN_PX) * channels
  const right = at + Math.min(width - 1 - x, SPAN_PX) * channels
  const above = at - Math.min(y, SPAN_PX) * rowBytes
  const below = at + Math.min(height - 1 - y, SPAN_PX) * rowBytes
  return stepOf(bytes, left, right, above, below) >= EDGE_STEP
}

/** The larger of the part differences across a pixel, from left to right and from top to bottom. */
function stepOf(bytes: Uint8Array, left: number, right: number, above: number, below: number): number {
  return Math.max(
    Math.abs(bytes[left]! - bytes[right]!),
    Math.abs(bytes[left + 1]! - bytes[right + 1]!),
    Math.abs(bytes[left + 2]! - bytes[right + 2]!),
    Math.abs(bytes[above]! - bytes[below]!),
    Math.abs(bytes[above + 1]! - bytes[below + 1]!),
    Math.abs(bytes[above + 2]! - bytes[below + 2]!),
  )
}

/** Column of the image that a sample of a column was taken from. */
export function pixelColumn({ image, offsetPx, stridePx }: SamplePlane, column: number): number {
  return Math.min(image.width - 1, offsetPx + column * stridePx)
}

/** Row of the image that a sample of a row was taken from. */
export function pixelRow({ image, offsetPx, stridePx }: SamplePlane, row: number): number {
  return Math.min(image.height - 1, offsetPx + row * stridePx)
}

export const NEIGHBOURS = 4

/** One of the {@link NEIGHBOURS} of a sample: at its left, its right, above or below it; -1 beyond the image. */
export function neighbour({ columns, mask }: SamplePlane, sample: number, which: number): number {
  switch (which) {
    case 0:
      return sample % columns > 0 ? sample - 1 : -1
    case 1:
      return sample % columns < columns - 1 ? sample + 1 : -1
    case 2:
      return sample >= columns ? sample - columns : -1
    default:
      return sample + columns < mask.length ? sample + columns : -1
  }
}

/**
 * A sample with all that hang together with it, each joined to the one before by `joins`. Sets 1 in `seen` for all of them, and
 * leaves out what is there already.
 */
export function areaFrom(
  plane: SamplePlane,
  first: number,
  seen: Uint8Array,
  joins: (from: number, next: number) => boolean,
): number[] {
  const area = [first]
  seen[first] = 1
  for (let place = 0; place < area.length; place++) {
    const from = area[place]!
    for (let which = 0; which < NEIGHBOURS; which++) {
      const next = neighbour(plane, from, which)
      if (next < 0 || seen[next] === 1 || !joins(from, next)) continue
      seen[next] = 1
      area.push(next)
    }
  }
  return area
}

/** Neighbours whose parts differ by more than this (0 to 255) are parted by an edge in any case. */
const MAX_RAMP_STEP = 32
/** Neighbours that differ by no more than this run into each other in any case. */
const MIN_EDGE_STEP = 12
/** Two pixels hold this share of the whole difference at an edge; on a ramp they hold what their distance says. */
const EDGE_SHARE = 0.7
const EDGE_SPAN_PX = 2

/**
 * Whether two samples side by side, or one above the other, run into each other: no edge lies between them. Looks at
 * the pixels between them where the difference alone does not tell.
 */
export function runTogether(plane: SamplePlane, one: number, other: number): boolean {
  if (other < one) return runTogether(plane, other, one)
  const { rgb, columns, stridePx } = plane
  const difference = partDifference(rgb[one]!, rgb[other]!)
  if (difference <= MIN_EDGE_STEP) return true
  if (difference > MAX_RAMP_STEP) return false
  if (stridePx <= EDGE_SPAN_PX) return true
  const isBeside = columns > 1 && other === one + 1
  let x = pixelColumn(plane, one % columns)
  let y = pixelRow(plane, (one / columns) | 0)
  for (let moved = 0; moved + EDGE_SPAN_PX <= stridePx; moved++) {
    const there = isBeside ? colourAt(plane, x + EDGE_SPAN_PX, y) : colourAt(plane, x, y + EDGE_SPAN_PX)
    if (partDifference(colourAt(plane, x, y), there) > difference * EDGE_SHARE) return false
    if (isBeside) x++
    else y++
  }
  return true
}

/** `0xRRGGBB` of a pixel. */
export function colourAt({ image, bytes }: SamplePlane, x: number, y: number): number {
  const at = (y * image.width + x) * image.channels
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
}

/** The largest difference of a part between two `0xRRGGBB` colours, 0 to 255. */
export function partDifference(one: number, other: number): number {
  const red = Math.abs((one >> 16) - (other >> 16))
  const green = Math.abs(((one >> 8) & 255) - ((other >> 8) & 255))
  const blue = Math.abs((one & 255) - (other & 255))
  return Math.max(red, green, blue)
}

/** The sum of the differences of all parts between two `0xRRGGBB` colours, 0 to 765. */
export function totalDifference(one: number, other: number): number {
  return (
    Math.abs((one >> 16) - (other >> 16)) +
    Math.abs(((one >> 8) & 255) - ((other >> 8) & 255)) +
    Math.abs((one & 255) - (other & 255))
  )
}
