/**
 * The image in coarse cells, with the share of every tone in each cell. Where tones run into each other the shares
 * change gradually from cell to cell, however gently the image's own colours change; they never mix across a hard edge.
 */
import {
  CELL_SAMPLES,
  cellLabs,
  cellOpenness,
  cellShares,
  columns as sampleColumns,
  FLAT,
  flatCells,
  gridColumns,
  gridRows,
  kinds,
  knownCells,
  labs,
  mask,
  NO_GROUND,
  nearestTones,
  pureCells,
  rows as sampleRows,
} from './plane'
import { toneCount } from './tones'

/** Cells whose colours differ by this much (OKLab) are not blended at all. */
const BARRIER: f64 = 0.06
/** A cell whose samples are farther than this from their mean (OKLab, root mean square) is cut by an edge. */
const MAX_SPREAD: f64 = 0.03
/** A change of all shares together that cannot be seen; it is left out, so that flat places cost nothing. */
const MIN_CHANGE: f64 = 0.004

/** Measures the tones of every cell. The background's samples count as unknown. */
export function measureCells(): void {
  memory.fill(cellShares, 0, (<usize>(gridColumns * gridRows * toneCount)) << 2)
  let cell: usize = 0
  for (let row = 0; row < gridRows; row++) {
    for (let column = 0; column < gridColumns; column++) {
      measureCell(cell, column, row)
      cell++
    }
  }
}

function measureCell(cell: usize, column: i32, row: i32): void {
  const bottom = min(sampleRows, (row + 1) * CELL_SAMPLES)
  const right = min(sampleColumns, (column + 1) * CELL_SAMPLES)
  const shares = cellShares + cell * ((<usize>toneCount) << 2)
  store<u8>(knownCells + cell, 0)
  store<i8>(pureCells + cell, -1)
  let count = 0
  let l: f64 = 0
  let a: f64 = 0
  let b: f64 = 0
  let squares: f64 = 0
  let only = -1
  for (let y = row * CELL_SAMPLES; y < bottom; y++) {
    for (let x = column * CELL_SAMPLES; x < right; x++) {
      const sample = <usize>(y * sampleColumns + x)
      if (<i32>load<u8>(kinds + sample) != FLAT || load<u8>(mask + sample) != NO_GROUND) continue
      const tone = <i32>load<u8>(nearestTones + sample)
      only = count == 0 || only == tone ? tone : -1
      count++
      const lab = labs + sample * 12
      const ownL = <f64>load<f32>(lab)
      const ownA = <f64>load<f32>(lab, 4)
      const ownB = <f64>load<f32>(lab, 8)
      l += ownL
      a += ownA
      b += ownB
      squares += ownL * ownL + ownA * ownA + ownB * ownB
      const share = shares + ((<usize>tone) << 2)
      store<f32>(share, load<f32>(share) + 1)
    }
  }
  if (count * 2 < CELL_SAMPLES * CELL_SAMPLES) return
  // With a hard edge through it, it is of neither side: between both, it would let one run into the other.
  const variance = (squares - (l * l + a * a + b * b) / <f64>count) / <f64>count
  if (variance > MAX_SPREAD * MAX_SPREAD) return
  store<u8>(knownCells + cell, 1)
  store<i8>(pureCells + cell, <i8>only)
  const lab = cellLabs + cell * 12
  store<f32>(lab, <f32>(l / <f64>count))
  store<f32>(lab, <f32>(a / <f64>count), 4)
  store<f32>(lab, <f32>(b / <f64>count), 8)
  for (let share = shares; share < shares + ((<usize>toneCount) << 2); share += 4) {
    store<f32>(share, <f32>(<f64>load<f32>(share) / <f64>count))
  }
}

/**
 * Blends the shares of neighbouring cells that are not parted by an edge, once with each feedback: the recursive filter
 * of Gastal and Oliveira, "Domain Transform for Edge-Aware Image and Video Processing" (2011), with a barrier in place
 * of their range distance.
 */
export function blendCells(first: f64, second: f64, third: f64): void {
  const across = cellOpenness
  const down = cellOpenness + ((<usize>(gridColumns * gridRows)) << 2)
  measureOpenness(across, 1)
  measureOpenness(down, gridColumns)
  sweepAll(across, down, first)
  sweepAll(across, down, second)
  sweepAll(across, down, third)
}

/** How freely each cell blends with the one `step` cells before it, 0 to 1. */
function measureOpenness(openness: usize, step: i32): void {
  const cells = gridColumns * gridRows
  for (let cell = 0; cell < cells; cell++) {
    store<f32>(openness + ((<usize>cell) << 2), <f32>(cell < step ? 0 : opennessOf(cell, cell - step, step)))
  }
}

function opennessOf(cell: i32, before: i32, step: i32): f64 {
  if (load<u8>(knownCells + cell) == 0 || load<u8>(knownCells + before) == 0) return 0
  if (step == 1 && cell % gridColumns == 0) return 0
  const one = cellLabs + <usize>cell * 12
  const other = cellLabs + <usize>before * 12
  const l = <f64>load<f32>(one) - <f64>load<f32>(other)
  const a = <f64>load<f32>(one, 4) - <f64>load<f32>(other, 4)
  const b = <f64>load<f32>(one, 8) - <f64>load<f32>(other, 8)
  const open = max<f64>(0, 1 - (l * l + a * a + b * b) / (BARRIER * BARRIER))
  return open * open
}

function sweepAll(across: usize, down: usize, feedback: f64): void {
  for (let row = 0; row < gridRows; row++) sweep(across, feedback, row * gridColumns, 1, gridColumns)
  for (let column = 0; column < gridColumns; column++) sweep(down, feedback, column, gridColumns, gridRows)
}

/** Runs the filter along one line of cells, there and back. */
function sweep(openness: usize, feedback: f64, start: i32, step: i32, length: i32): void {
  const end = start + (length - 1) * step
  for (let cell = start + step; cell <= end; cell += step) {
    const open = <f64>load<f32>(openness + ((<usize>cell) << 2))
    if (open > 0) follow(cell, cell - step, feedback * open)
  }
  for (let cell = end - step; cell >= start; cell -= step) {
    const open = <f64>load<f32>(openness + ((<usize>(cell + step)) << 2))
    if (open > 0) follow(cell, cell + step, feedback * open)
  }
}

/** Moves the shares of a cell towards those of its neighbour; a flat place stays what it is. */
function follow(cell: i32, neighbour: i32, by: f64): void {
  if (load<u8>(flatCells + cell) == 1) return
  const pure = load<i8>(pureCells + cell)
  if (pure >= 0 && pure == load<i8>(pureCells + neighbour)) return
  const bytes = (<usize>toneCount) << 2
  const to = cellShares + <usize>cell * bytes
  const from = cellShares + <usize>neighbour * bytes
  let change: f64 = 0
  for (let tone: usize = 0; tone < bytes; tone += 4) {
    change += Math.abs(<f64>load<f32>(from + tone) - <f64>load<f32>(to + tone))
  }
  if (change * by < MIN_CHANGE) return
  for (let tone: usize = 0; tone < bytes; tone += 4) {
    const own = <f64>load<f32>(to + tone)
    store<f32>(to + tone, <f32>(own + by * (<f64>load<f32>(from + tone) - own)))
  }
  store<i8>(pureCells + cell, -1)
}
