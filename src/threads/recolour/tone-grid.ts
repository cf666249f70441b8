import { PixelKind, type SamplePlane } from './sample-plane.ts'

/**
 * The image in coarse cells, with the share of every tone in each cell. Where tones run into each other the
 * shares change gradually from cell to cell, however gently the image's own colours change; they never mix
 * across a hard edge.
 */
export type ToneGrid = {
  readonly columns: number
  readonly rows: number
  /** OKLab of each cell's smooth pixels, three values a cell. */
  readonly labs: Float32Array
  /** 1 for cells with enough smooth pixels to know their tones. */
  readonly known: Uint8Array
  readonly toneCount: number
  /** Share of every tone (0 to 1), tone after tone for each cell. */
  readonly shares: Float32Array
  /** The one tone that a cell holds, or -1 where there are several or none is known. */
  readonly pure: Int8Array
}

/** Samples along a side of a cell. */
export const CELL_SAMPLES = 2
const ROUNDS = 3
/** Reach of the blending in cells, as a standard deviation. */
const SPREAD_CELLS = 5
/** Cells whose colours differ by this much (OKLab) are not blended at all. */
const BARRIER = 0.06
/** A change of all shares together that cannot be seen; it is left out, so that flat places cost nothing. */
const MIN_CHANGE = 0.004

/** Measures the tones of every cell and blends them. `background` is 1 for its samples, which count as unknown. */
export function buildToneGrid(
  { columns: sampleColumns, rows: sampleRows, labs, kinds }: SamplePlane,
  nearestTone: Uint8Array,
  background: Uint8Array | undefined,
  toneCount: number,
): ToneGrid {
  const columns = Math.ceil(sampleColumns / CELL_SAMPLES)
  const rows = Math.ceil(sampleRows / CELL_SAMPLES)
  const known = new Uint8Array(columns * rows)
  const cellLabs = new Float32Array(columns * rows * 3)
  const shares = new Float32Array(columns * rows * toneCount)
  const pure = new Int8Array(columns * rows).fill(-1)
  for (let row = 0, cell = 0; row < rows; row++) {
    const bottom = Math.min(sampleRows, (row + 1) * CELL_SAMPLES)
    for (let column = 0; column < columns; column++, cell++) {
      const right = Math.min(sampleColumns, (column + 1) * CELL_SAMPLES)
      let count = 0
      let l = 0
      let a = 0
      let b = 0
      let only = -1
      for (let y = row * CELL_SAMPLES; y < bottom; y++) {
        for (let x = column * CELL_SAMPLES; x < right; x++) {
          const sample = y * sampleColumns + x
          if (kinds[sample] !== PixelKind.flat || (background !== undefined && background[sample] === 1))
            continue
          const tone = nearestTone[sample]!
          only = count === 0 || only === tone ? tone : -1
          count++
          l += labs[sample * 3]!
          a += labs[sample * 3 + 1]!
          b += labs[sample * 3 + 2]!
          shares[cell * toneCount + tone]!++
        }
      }
      if (count * 2 < CELL_SAMPLES * CELL_SAMPLES) continue
      known[cell] = 1
      pure[cell] = only
      cellLabs[cell * 3] = l / count
      cellLabs[cell * 3 + 1] = a / count
      cellLabs[cell * 3 + 2] = b / count
      for (let tone = 0; tone < toneCount; tone++) shares[cell * toneCount + tone]! /= count
    }
  }
  const grid = { columns, rows, labs: cellLabs, known, toneCount, shares, pure }
  blend(grid)
  return grid
}

/**
 * Blends the shares of neighbouring cells that are not parted by an edge: the recursive filter of Gastal and
 * Oliveira, "Domain Transform for Edge-Aware Image and Video Processing" (2011), with a barrier in place of
 * their range distance.
 */
function blend(grid: ToneGrid): void {
  const { columns, rows } = grid
  const across = openness(grid, 1)
  const down = openness(grid, columns)
  for (let round = 0; round < ROUNDS; round++) {
    const spread = (SPREAD_CELLS * Math.sqrt(3) * 2 ** (ROUNDS - round - 1)) / Math.sqrt(4 ** ROUNDS - 1)
    const feedback = Math.exp(-Math.SQRT2 / spread)
    for (let row = 0; row < rows; row++) sweep(grid, across, feedback, row * columns, 1, columns)
    for (let column = 0; column < columns; column++) sweep(grid, down, feedback, column, columns, rows)
  }
}

/** How freely a cell blends with the one `step` cells before it, 0 to 1. */
function openness({ columns, rows, labs, known }: ToneGrid, step: number): Float32Array {
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
  grid: ToneGrid,
  open: Float32Array,
  feedback: number,
  start: number,
  step: number,
  length: number,
): void {
  const end = start + (length - 1) * step
  for (let cell = start + step; cell <= end; cell += step) {
    if (open[cell]! > 0) follow(grid, cell, cell - step, feedback * open[cell]!)
  }
  for (let cell = end - step; cell >= start; cell -= step) {
    if (open[cell + step]! > 0) follow(grid, cell, cell + step, feedback * open[cell + step]!)
  }
}

/** Moves the shares of a cell towards those of its neighbour. */
function follow({ shares, toneCount, pure }: ToneGrid, cell: number, neighbour: number, by: number): void {
  if (pure[cell]! >= 0 && pure[cell] === pure[neighbour]) return
  const to = cell * toneCount
  const from = neighbour * toneCount
  let change = 0
  for (let tone = 0; tone < toneCount; tone++) change += Math.abs(shares[from + tone]! - shares[to + tone]!)
  if (change * by < MIN_CHANGE) return
  for (let tone = 0; tone < toneCount; tone++) {
    shares[to + tone]! += by * (shares[from + tone]! - shares[to + tone]!)
  }
  pure[cell] = -1
}
