/**
 * Places of one exact colour. What is flat in the image stays flat, whatever runs into it; and its colour means the same
 * where it shows in parts too thin to have a sample of their own.
 */
import { pureTone } from './mixture'
import { nodeOf, SHADE_STEPS } from './node-table'
import {
  CELL_SAMPLES,
  columns,
  FLAT,
  flatCells,
  gridColumns,
  gridRows,
  kinds,
  labs,
  mask,
  NO_GROUND,
  nearestTones,
  pureCells,
  rgb,
  rows,
  uniformCells,
} from './plane'
import { lightnessOfMixture, withoutNoise } from './tones'

/** A colour with fewer cells that are all its own is none of the image's flat colours. */
const MIN_CELLS: i32 = 4
/** Nor is one of which more than this share has been blended with other tones: it is a shade on the way between them. */
const MAX_BLENDED: f64 = 0.1
const MAX_COLOURS: i32 = 64

/** `0xRRGGBB` of each flat colour (-1 for none), one of its samples, its cells, the blended ones of them, and its node, i32 each. */
const colours: usize = memory.data(MAX_COLOURS * 4, 16)
const samples: usize = memory.data(MAX_COLOURS * 4, 16)
const cellCounts: usize = memory.data(MAX_COLOURS * 4, 16)
const blendedCounts: usize = memory.data(MAX_COLOURS * 4, 16)
const nodes: usize = memory.data(MAX_COLOURS * 4, 16)
let count: i32 = 0

/** Finds the cells that are flat with all that is around them. */
export function findFlatPlaces(): void {
  let cell: usize = 0
  for (let row = 0; row < gridRows; row++) {
    for (let column = 0; column < gridColumns; column++) {
      store<u8>(uniformCells + cell, isUniform(column, row) ? 1 : 0)
      cell++
    }
  }
  cell = 0
  for (let row = 0; row < gridRows; row++) {
    for (let column = 0; column < gridColumns; column++) {
      const isFlat = load<u8>(uniformCells + cell) == 1 && isLikeAround(column, row)
      store<u8>(flatCells + cell, isFlat ? 1 : 0)
      cell++
    }
  }
}

/** Finds the flat colours of the image, once its cells have been blended. */
export function findFlatColours(): void {
  count = 0
  memory.fill(colours, 0xff, MAX_COLOURS * 4)
  let cell: usize = 0
  for (let row = 0; row < gridRows; row++) {
    for (let column = 0; column < gridColumns; column++) {
      if (load<u8>(uniformCells + cell) == 1) {
        countColour(firstSample(column, row), load<i8>(pureCells + cell) < 0)
      }
      cell++
    }
  }
}

/** Leaves out what is none of the flat colours, and gives these their nodes, which are those of their samples. */
export function numberFlatColours(): void {
  let kept: usize = 0
  for (let place: usize = 0; place < (<usize>count) << 2; place += 4) {
    const colour = load<i32>(colours + place)
    store<i32>(colours + place, -1)
    const cells = load<i32>(cellCounts + place)
    if (cells < MIN_CELLS || <f64>load<i32>(blendedCounts + place) > <f64>cells * MAX_BLENDED) continue
    const sample = <usize>load<i32>(samples + place)
    const mixture = pureTone(<i32>load<u8>(nearestTones + sample))
    const lightness = <f64>load<f32>(labs + sample * 12) * SHADE_STEPS
    store<i32>(colours + kept, colour)
    store<i32>(nodes + kept, nodeOf(mixture, withoutNoise(lightness - lightnessOfMixture(mixture))))
    kept += 4
  }
  count = <i32>(kept >> 2)
}

/** Node of a flat colour, -1 for any other. */
export function nodeOfFlatColour(colour: i32): i32 {
  const place = placeOf(colour)
  return place < 0 ? -1 : load<i32>(nodes + ((<usize>place) << 2))
}

function placeOf(colour: i32): i32 {
  const wanted = i32x4.splat(colour)
  for (let place = 0; place < count; place += 4) {
    const equal = i32x4.bitmask(i32x4.eq(v128.load(colours + ((<usize>place) << 2)), wanted))
    if (equal != 0) return place + ctz(equal)
  }
  return -1
}

function countColour(sample: i32, isBlended: bool): void {
  const colour = load<i32>(rgb + ((<usize>sample) << 2))
  let place = placeOf(colour)
  if (place < 0) {
    if (count == MAX_COLOURS) return
    place = count++
    store<i32>(colours + ((<usize>place) << 2), colour)
    store<i32>(samples + ((<usize>place) << 2), sample)
    store<i32>(cellCounts + ((<usize>place) << 2), 0)
    store<i32>(blendedCounts + ((<usize>place) << 2), 0)
  }
  const cells = cellCounts + ((<usize>place) << 2)
  store<i32>(cells, load<i32>(cells) + 1)
  const blended = blendedCounts + ((<usize>place) << 2)
  if (isBlended) store<i32>(blended, load<i32>(blended) + 1)
}

function firstSample(column: i32, row: i32): i32 {
  return row * CELL_SAMPLES * columns + column * CELL_SAMPLES
}

/** Whether all samples of a cell are flat, beside the background, and of one colour. */
function isUniform(column: i32, row: i32): bool {
  const colour = load<i32>(rgb + ((<usize>firstSample(column, row)) << 2))
  const bottom = min(rows, (row + 1) * CELL_SAMPLES)
  const right = min(columns, (column + 1) * CELL_SAMPLES)
  for (let y = row * CELL_SAMPLES; y < bottom; y++) {
    for (let x = column * CELL_SAMPLES; x < right; x++) {
      const sample = <usize>(y * columns + x)
      if (load<i32>(rgb + (sample << 2)) != colour) return false
      if (<i32>load<u8>(kinds + sample) != FLAT || load<u8>(mask + sample) != NO_GROUND) return false
    }
  }
  return true
}

function isLikeAround(column: i32, row: i32): bool {
  const colour = load<i32>(rgb + ((<usize>firstSample(column, row)) << 2))
  for (let y = max(0, row - 1); y <= min(gridRows - 1, row + 1); y++) {
    for (let x = max(0, column - 1); x <= min(gridColumns - 1, column + 1); x++) {
      if (load<u8>(uniformCells + <usize>(y * gridColumns + x)) == 0) return false
      if (load<i32>(rgb + ((<usize>firstSample(x, y)) << 2)) != colour) return false
    }
  }
  return true
}
