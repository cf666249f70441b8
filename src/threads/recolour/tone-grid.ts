import type { ColourIndex } from './colour-index.ts'
import type { Memberships } from './memberships.ts'
import { PixelKind } from './pixel-kinds.ts'

/**
 * The image in coarse cells, with the share of every tone in each cell. Where tones run into each other the
 * shares change gradually from cell to cell, however gently the image's own colours change; they never mix
 * across a hard edge.
 */
export type ToneGrid = {
  /** Side of a cell in pixels. */
  readonly cellPx: number
  readonly columns: number
  readonly rows: number
  /** OKLab of each cell's smooth pixels, three values a cell. */
  readonly labs: Float32Array
  /** 1 for cells with enough smooth pixels to know their tones. */
  readonly known: Uint8Array
  /** One plane a tone, one value (0 to 1) a cell. */
  readonly shares: readonly Float32Array[]
  /** The one tone that a cell holds, or -1 where there are several or none is known. */
  readonly pure: Int8Array
}

/** From this share on a tone has a cell to itself. */
const PURE_SHARE = 0.99

/** Cells along the longer side of the image. */
const CELLS_A_SIDE = 128
const ROUNDS = 3
/** Reach of the blending in cells, as a standard deviation. */
const SPREAD_CELLS = 5
/** Cells whose colours differ by this much (OKLab) are not blended at all. */
const BARRIER = 0.06

/** Measures the tones of every cell and blends them. `background` is 1 for its pixels, which count as unknown. */
export function buildToneGrid(
  { width, height, ofPixel, labs }: ColourIndex,
  kinds: Uint8Array,
  { first }: Memberships,
  background: Uint8Array | undefined,
  toneCount: number,
): ToneGrid {
  const cellPx = Math.max(1, Math.round(Math.max(width, height) / CELLS_A_SIDE))
  const columns = Math.ceil(width / cellPx)
  const rows = Math.ceil(height / cellPx)
  const known = new Uint8Array(columns * rows)
  const cellLabs = new Float32Array(columns * rows * 3)
  const shares = Array.from({ length: toneCount }, () => new Float32Array(columns * rows))
  const sums = new Uint32Array(toneCount)
  for (let row = 0, cell = 0; row < rows; row++) {
    const bottom = Math.min(height, (row + 1) * cellPx)
    for (let column = 0; column < columns; column++, cell++) {
      const right = Math.min(width, (column + 1) * cellPx)
      sums.fill(0)
      let count = 0
      let l = 0
      let a = 0
      let b = 0
      for (let y = row * cellPx; y < bottom; y++) {
        const end = y * width + right
        for (let pixel = y * width + column * cellPx; pixel < end; pixel++) {
          if (kinds[pixel] !== PixelKind.flat || (background !== undefined && background[pixel] === 1))
            continue
          const colour = ofPixel[pixel]!
          let alike = 1
          while (pixel + 1 < end && ofPixel[pixel + 1] === colour && kinds[pixel + 1] === PixelKind.flat) {
            // Pixels of one colour side by side are of the background together or not at all.
            alike++
            pixel++
          }
          count += alike
          l += alike * labs[colour * 3]!
          a += alike * labs[colour * 3 + 1]!
          b += alike * labs[colour * 3 + 2]!
          sums[first[colour]!]! += alike
        }
      }
      if (count * 2 < cellPx * cellPx) continue
      known[cell] = 1
      cellLabs[cell * 3] = l / count
      cellLabs[cell * 3 + 1] = a / count
      cellLabs[cell * 3 + 2] = b / count
      for (let tone = 0; tone < toneCount; tone++) shares[tone]![cell] = sums[tone]! / count
    }
  }
  blend(shares, cellLabs, known, columns, rows)
  return { cellPx, columns, rows, labs: cellLabs, known, shares, pure: findPure(shares, known) }
}

function findPure(shares: readonly Float32Array[], known: Uint8Array): Int8Array {
  const pure = new Int8Array(known.length).fill(-1)
  for (const [tone, plane] of shares.entries()) {
    for (let cell = 0; cell < plane.length; cell++) if (plane[cell]! > PURE_SHARE) pure[cell] = tone
  }
  return pure
}

/**
 * Blends the shares of neighbouring cells that are not parted by an edge: the recursive filter of Gastal and
 * Oliveira, "Domain Transform for Edge-Aware Image and Video Processing" (2011), with a barrier in place of
 * their range distance.
 */
function blend(
  planes: readonly Float32Array[],
  labs: Float32Array,
  known: Uint8Array,
  columns: number,
  rows: number,
): void {
  const across = openness(labs, known, columns, rows, 1)
  const down = openness(labs, known, columns, rows, columns)
  for (let round = 0; round < ROUNDS; round++) {
    const spread = (SPREAD_CELLS * Math.sqrt(3) * 2 ** (ROUNDS - round - 1)) / Math.sqrt(4 ** ROUNDS - 1)
    const feedback = Math.exp(-Math.SQRT2 / spread)
    for (const plane of planes) {
      for (let row = 0; row < rows; row++) sweep(plane, across, feedback, row * columns, 1, columns)
      for (let column = 0; column < columns; column++) sweep(plane, down, feedback, column, columns, rows)
    }
  }
}

/** How freely a cell blends with the one `step` cells before it, 0 to 1. */
function openness(
  labs: Float32Array,
  known: Uint8Array,
  columns: number,
  rows: number,
  step: number,
): Float32Array {
  const result = new Float32Array(columns * rows)
  for (let cell = step; cell < result.length; cell++) {
    const before = cell - step
    if (known[cell] === 0 || known[before] === 0) continue
    if (step === 1 && cell % columns === 0) continue
    const difference =
      (labs[cell * 3]! - labs[before * 3]!) ** 2 +
      (labs[cell * 3 + 1]! - labs[before * 3 + 1]!) ** 2 +
      (labs[cell * 3 + 2]! - labs[before * 3 + 2]!) ** 2
    const open = Math.max(0, 1 - difference / (BARRIER * BARRIER))
    result[cell] = open * open
  }
  return result
}

/** Runs the filter along one line of cells, there and back. */
function sweep(
  plane: Float32Array,
  open: Float32Array,
  feedback: number,
  start: number,
  step: number,
  length: number,
): void {
  const end = start + (length - 1) * step
  for (let cell = start + step; cell <= end; cell += step) {
    plane[cell]! += feedback * open[cell]! * (plane[cell - step]! - plane[cell]!)
  }
  for (let cell = end - step; cell >= start; cell -= step) {
    plane[cell]! += feedback * open[cell + step]! * (plane[cell + step]! - plane[cell]!)
  }
}
