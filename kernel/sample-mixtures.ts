/** What every sample shows: a mixture of tones, and how much lighter it is than they are. */
import { hasFoundTone, hasNoTone, settleDoubts } from './doubtful-tones'
import { neighbourLike } from './edge-samples'
import { squaredDistance } from './lab-distance'
import { blendMixtures, clearWeights, mixtureOfWeights, weighAll, weightOf } from './mixing'
import { pureTone, tonesOf } from './mixture'
import { SHADE_STEPS } from './node-table'
import {
  CELL_SAMPLES,
  cellLabs,
  cellShares,
  columns,
  edgeFrom,
  edgeLike,
  edgeSamples,
  edgeShares,
  edgeTo,
  FLAT,
  gridColumns,
  gridRows,
  kinds,
  knownCells,
  labs,
  mask,
  GROUND,
  GROUND_SHADE,
  HIDDEN,
  NO_GROUND,
  mixtures,
  nearestTones,
  pureCells,
  rgb,
  rows,
  shades,
} from './plane'
import {
  lightnessOfMixture,
  mixtureOfLab,
  mixtureWith,
  nearestTone,
  squaredDistanceOfTone,
  toneCount,
  withoutNoise,
} from './tones'

/** A cell of the grid speaks for a sample whose colour is nearer than this to its own (OKLab). */
const MAX_CELL_DISTANCE: f64 = 0.06
/** The same for a sample whose nearest cells are unknown. */
const MAX_AROUND_DISTANCE: f64 = 0.12
/** Below this sum of cell weights the grid does not know a sample. */
const MIN_CELL_WEIGHT: f64 = 0.1
/** A colour farther than this from its tone, or from that of a sample beside it, is another one (OKLab). */
const MAX_OFF_TONE: f64 = 0.06
/** How far round a sample the tone is looked for that it is nearest to, in samples. */
const STROKE_REACH: i32 = 6
/** An edge sample takes the tones of its like up to this distance (OKLab), beyond it is a thing of its own. */
const MAX_LIKE_DISTANCE: f64 = 0.2

function mixtureOfSample(sample: usize): i32 {
  return <i32>load<u16>(mixtures + (sample << 1))
}

function labOf(sample: usize): usize {
  return labs + sample * 12
}

function shadeOfSample(sample: usize): f64 {
  return <f64>load<f32>(shades + (sample << 2))
}

/**
 * Finds the tone of each sample by itself: the nearest to its colour, or for a doubtful one that of what it runs into; 0 for
 * the background's.
 */
export function findNearestTones(): void {
  let last = -1
  let tone = 0
  for (let sample: usize = 0; sample < <usize>(columns * rows); sample++) {
    if (load<u8>(mask + sample) != NO_GROUND) {
      store<u8>(nearestTones + sample, 0)
      continue
    }
    const colour = load<i32>(rgb + (sample << 2))
    if (colour != last) {
      last = colour
      tone = nearestTone(labOf(sample))
    }
    store<u8>(nearestTones + sample, <u8>tone)
  }
  settleDoubts()
}

/** Finds the mixture and the shade of every sample; so many of them lie at an edge. */
export function mixAll(edgeCount: i32): void {
  let sample: usize = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const part = load<u8>(mask + sample)
      if (part == GROUND) setMixture(sample, pureTone(0), 0)
      else if (part == GROUND_SHADE) setInOwnShade(sample, pureTone(0))
      else {
        const isFlat = <i32>load<u8>(kinds + sample) == FLAT
        setInOwnShade(sample, isFlat ? mixtureAt(sample, column, row) : byColour(sample))
      }
      sample++
    }
  }
  for (let edge: usize = 0; edge < (<usize>edgeCount) << 2; edge += 4) mixEdge(edge)
}

function setMixture(sample: usize, mixture: i32, shade: f64): void {
  store<u16>(mixtures + (sample << 1), <u16>mixture)
  store<f32>(shades + (sample << 2), <f32>shade)
}

function setInOwnShade(sample: usize, mixture: i32): void {
  const lightness = <f64>load<f32>(labs + sample * 12) * SHADE_STEPS
  setMixture(sample, mixture, withoutNoise(lightness - lightnessOfMixture(mixture)))
}

/** Puts a sample at an edge between its sides, or beside its like. */
function mixEdge(edge: usize): void {
  const sample = load<u32>(edgeSamples + edge)
  const from = load<i32>(edgeFrom + edge)
  const like = load<i32>(edgeLike + edge)
  if (from >= 0) {
    const to = load<i32>(edgeTo + edge)
    const share = <f64>load<f32>(edgeShares + edge)
    const mixture = blendMixtures(mixtureOfSample(from), mixtureOfSample(to), share)
    setMixture(sample, mixture, shadeOfSample(from) * (1 - share) + shadeOfSample(to) * share)
  } else if (
    like >= 0 &&
    squaredDistance(labOf(<usize>like), labOf(sample)) <= MAX_LIKE_DISTANCE * MAX_LIKE_DISTANCE
  ) {
    setInOwnShade(sample, mixtureOfSample(like))
  } else {
    // A dark or bright rim is neither; what lies beside it says more of it than any tone that it is less like, or that is not
    // to be seen near by.
    const isForeign = isForeignMixture(sample)
    const neighbour = neighbourLike(sample, isForeign)
    if (neighbour < 0) return
    const toTone = squaredDistanceOfTone(<i32>load<u8>(nearestTones + sample), labOf(sample))
    if (isForeign || squaredDistance(labOf(<usize>neighbour), labOf(sample)) < toTone) {
      setInOwnShade(sample, mixtureOfSample(neighbour))
    }
  }
}

/** Asks the cells of the grid around a sample for its tones. */
function mixtureAt(sample: usize, column: i32, row: i32): i32 {
  const gridX = gridPlace(column, gridColumns)
  const gridY = gridPlace(row, gridRows)
  const left = <i32>gridX
  const right = min(gridColumns - 1, left + 1)
  const top = <i32>gridY
  const above = top * gridColumns
  const below = min(gridRows - 1, top + 1) * gridColumns
  const nearest = <i32>load<u8>(nearestTones + sample)
  const pure = pureCells
  if (
    <i32>load<i8>(pure + above + left) == nearest &&
    <i32>load<i8>(pure + above + right) == nearest &&
    <i32>load<i8>(pure + below + left) == nearest &&
    <i32>load<i8>(pure + below + right) == nearest
  ) {
    return pureTone(nearest)
  }
  const fromLeft = gridX - <f64>left
  const fromTop = gridY - <f64>top
  clearWeights()
  let weight =
    take(above + left, (1 - fromLeft) * (1 - fromTop), sample, MAX_CELL_DISTANCE) +
    take(above + right, fromLeft * (1 - fromTop), sample, MAX_CELL_DISTANCE) +
    take(below + left, (1 - fromLeft) * fromTop, sample, MAX_CELL_DISTANCE) +
    take(below + right, fromLeft * fromTop, sample, MAX_CELL_DISTANCE)
  if (weight < MIN_CELL_WEIGHT) weight = takeAround(left, top, sample)
  // A thin line has its own colour: what is around it says nothing of it.
  const isForeign = weightOf(nearest) == 0
  return weight < MIN_CELL_WEIGHT || isForeign ? byColour(sample) : mixtureOfWeights((1 << toneCount) - 1)
}

/** Where a sample lies between the centres of the cells, in cells. */
function gridPlace(sample: i32, cells: i32): f64 {
  return max<f64>(0, min<f64>(<f64>(cells - 1), (<f64>sample + 0.5) / CELL_SAMPLES - 0.5))
}

/** Adds a cell's tones to the weights, by nearness and by likeness to the sample's colour. */
function take(cell: usize, nearness: f64, sample: usize, maxDistance: f64): f64 {
  if (load<u8>(knownCells + cell) == 0) return 0
  const likeness = 1 - squaredDistance(cellLabs + cell * 12, labOf(sample)) / (maxDistance * maxDistance)
  if (likeness <= 0) return 0
  const weight = nearness * likeness * likeness
  weighAll(toneCount, cellShares + cell * ((<usize>toneCount) << 2), weight)
  return weight
}

/** Beside an edge the nearest cells may be unknown: asks all cells around, the less like ones too. */
function takeAround(column: i32, row: i32, sample: usize): f64 {
  let weight: f64 = 0
  clearWeights()
  for (let y = max(0, row - 1); y <= min(gridRows - 1, row + 2); y++) {
    for (let x = max(0, column - 1); x <= min(gridColumns - 1, column + 2); x++) {
      weight += take(y * gridColumns + x, 1, sample, MAX_AROUND_DISTANCE)
    }
  }
  return weight
}

/** A sample that the grid does not know takes the tones of its colour. */
function byColour(sample: usize): i32 {
  if (hasFoundTone(sample)) return pureTone(<i32>load<u8>(nearestTones + sample))
  const around = isOffTone(sample) ? toneAround(sample) : -1
  const line = around < 0 || isStroke(sample, around) ? -1 : mixtureWith(around, labOf(sample))
  return line < 0 ? mixtureOfLab(labOf(sample)) : line
}

function isOffTone(sample: usize): bool {
  const tone = <i32>load<u8>(nearestTones + sample)
  return squaredDistanceOfTone(tone, labOf(sample)) > MAX_OFF_TONE * MAX_OFF_TONE
}

/**
 * The one tone of all flat places around a sample that are of another colour, as around a hairline within one thing; -1
 * where there is none.
 */
function toneAround(sample: usize): i32 {
  const column = <i32>sample % columns
  const row = <i32>sample / columns
  let tone = -1
  for (let y = max(0, row - 1); y <= min(rows - 1, row + 1); y++) {
    for (let x = max(0, column - 1); x <= min(columns - 1, column + 1); x++) {
      const other = <usize>(y * columns + x)
      if (<i32>load<u8>(kinds + other) != FLAT || hasNoTone(other)) continue
      if (squaredDistance(labOf(other), labOf(sample)) < MAX_OFF_TONE * MAX_OFF_TONE) continue
      const its = <i32>load<u8>(nearestTones + other)
      if (tone >= 0 && its != tone) return -1
      tone = its
    }
  }
  return tone
}

/**
 * Whether a sample is mixed from a tone that lies elsewhere: from its nearest one, which is neither its own colour nor to be
 * seen near by, where that of another thing is.
 */
function isForeignMixture(sample: usize): bool {
  const tone = <i32>load<u8>(nearestTones + sample)
  if ((tonesOf(mixtureOfSample(sample)) & (1 << tone)) == 0 || !isOffTone(sample)) return false
  const near = tonesNear(sample, false)
  return near != 0 && (near & (1 << tone)) == 0
}

/** The tones that samples around one show as they are, as bits, those of the background too or not. */
export function tonesNear(sample: usize, withGround: bool): i32 {
  const column = <i32>sample % columns
  const row = <i32>sample / columns
  let tones = 0
  for (let y = max(0, row - STROKE_REACH); y <= min(rows - 1, row + STROKE_REACH); y++) {
    for (let x = max(0, column - STROKE_REACH); x <= min(columns - 1, column + STROKE_REACH); x++) {
      const other = <usize>(y * columns + x)
      if (<i32>load<u8>(kinds + other) == HIDDEN) continue
      if (!withGround && load<u8>(mask + other) != NO_GROUND) continue
      const tone = 1 << (<i32>load<u8>(nearestTones + other))
      if ((tones & tone) == 0 && !isOffTone(other)) tones |= tone
    }
  }
  return tones
}

/** Whether a sample is of a stroke that has a tone for itself, its nearest: then that is to be seen close by. */
function isStroke(sample: usize, around: i32): bool {
  const tone = <i32>load<u8>(nearestTones + sample)
  return tone != around && (tonesNear(sample, true) & (1 << tone)) != 0
}
