/** What the samples at edges are mixed from: the samples of the two sides. */
import {
  columns,
  difference,
  EDGE,
  edgeFrom,
  edgeLike,
  edgeSamples,
  edgeShares,
  edgeTo,
  FLAT,
  kinds,
  labs,
  mask,
  GROUND,
  offsetPx,
  rgb,
  rows,
  stridePx,
} from './plane'

/** Sides whose parts differ by less (0 to 255) are no two sides. */
const MIN_SIDES_DIFFERENCE: i32 = 10
/** A mixture may lie off the line between both sides by this share of their distance. */
const MAX_DEVIATION: f64 = 0.3
/** How far round a pixel its like is looked for, in samples, and how unlike (sum of part differences) it may be. */
const SETTLE_SAMPLES: i32 = 2
const MAX_UNLIKE: i32 = 90
/** The same for a sample that is no mixture: a line has a colour of its own. */
const MAX_UNLIKE_ALONE: i32 = 40
/** The same for one that is mixed from a tone that lies elsewhere. */
const MAX_UNLIKE_FOREIGN: i32 = 160

/** Lists the samples at edges that are not of the background, at {@link edgeSamples}; returns how many there are. */
export function listEdges(): i32 {
  let count: usize = 0
  for (let sample: usize = 0; sample < <usize>(columns * rows); sample++) {
    if (<i32>load<u8>(kinds + sample) != EDGE || load<u8>(mask + sample) == GROUND) continue
    store<u32>(edgeSamples + (count << 2), <u32>sample)
    count++
  }
  return <i32>count
}

/**
 * Finds out what an edge sample (by its place in the list) is mixed from, where the ways to its two sides have ended at
 * pixels of some colours. `x` and `y` is its own pixel.
 */
export function settleEdge(
  edge: i32,
  x: i32,
  y: i32,
  firstX: i32,
  firstY: i32,
  firstColour: i32,
  secondX: i32,
  secondY: i32,
  secondColour: i32,
): void {
  const place = (<usize>edge) << 2
  const sample = load<u32>(edgeSamples + place)
  const colour = colourOf(sample)
  const first = nearestLike(firstX, firstY, firstColour, MAX_UNLIKE)
  const second = first < 0 ? -1 : nearestLike(secondX, secondY, secondColour, MAX_UNLIKE)
  const isMixed = second >= 0 && isMixture(colourOf(first), colourOf(second), colour)
  store<i32>(edgeFrom + place, isMixed ? first : -1)
  store<i32>(edgeTo + place, isMixed ? second : -1)
  store<f32>(edgeShares + place, isMixed ? <f32>positionBetween(first, second, sample) : 0)
  store<i32>(edgeLike + place, isMixed ? -1 : nearestLike(x, y, colour, MAX_UNLIKE_ALONE))
}

/**
 * The sample beside the edge that one at it is most like, by a looser measure, or by a still looser one where it is
 * mixed from a tone that lies elsewhere; -1 where there is none.
 */
export function neighbourLike(sample: usize, isForeign: bool): i32 {
  const x = (<i32>sample % columns) * stridePx + offsetPx
  const y = (<i32>sample / columns) * stridePx + offsetPx
  return nearestLike(x, y, colourOf(sample), isForeign ? MAX_UNLIKE_FOREIGN : MAX_UNLIKE)
}

function colourOf(sample: usize): i32 {
  return load<i32>(rgb + (sample << 2))
}

/** Candidates are told apart by their row and column among at most eight of each, in this many bits each. */
const PLACE_BITS: i32 = 3
/** Stands for a place that is no candidate. */
const NONE: i32 = i32.MAX_VALUE

/**
 * The sample near by that is most like a colour and no edge, of several the first; -1 when none is like it. Each candidate
 * is one number: how unlike it is, and below that its place, so that the smallest is the wanted one.
 */
function nearestLike(x: i32, y: i32, colour: i32, maxUnlike: i32): i32 {
  const column = nearestSample(x)
  const row = nearestSample(y)
  const top = max(0, row - SETTLE_SAMPLES)
  const bottom = min(rows - 1, row + SETTLE_SAMPLES)
  const left = max(0, column - SETTLE_SAMPLES)
  const right = min(columns - 1, column + SETTLE_SAMPLES)
  const wanted = i32x4.splat(colour)
  const width = i32x4.splat(right - left + 1)
  let best = i32x4.splat(NONE)
  for (let r = top; r <= bottom; r++) {
    const place = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat((r - top) << PLACE_BITS))
    const first = r * columns + left
    best = i32x4.min_s(best, candidates(first, wanted, i32x4(0, 1, 2, 3), width, place))
    const behind = i32x4.add(place, i32x4.splat(4))
    best = i32x4.min_s(best, candidates(first + 4, wanted, i32x4(4, 5, 6, 7), width, behind))
  }
  const least = min(
    min(i32x4.extract_lane(best, 0), i32x4.extract_lane(best, 1)),
    min(i32x4.extract_lane(best, 2), i32x4.extract_lane(best, 3)),
  )
  if (least >> (2 * PLACE_BITS) >= maxUnlike) return -1
  const ofRow = (least >> PLACE_BITS) & ((1 << PLACE_BITS) - 1)
  return (top + ofRow) * columns + left + (least & ((1 << PLACE_BITS) - 1))
}

/** Four samples side by side as candidates; those are none whose column lies beyond the width. */
function candidates(first: usize, wanted: v128, inRow: v128, width: v128, place: v128): v128 {
  const colours = v128.load(rgb + (first << 2))
  const differences = v128.or(i8x16.sub_sat_u(colours, wanted), i8x16.sub_sat_u(wanted, colours))
  const unlikeness = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(differences))
  const isFlat = i8x16.eq(v128.load32_zero(kinds + first), i8x16.splat(<u8>FLAT))
  const isGround = i8x16.ne(v128.load32_zero(mask + first), i8x16.splat(0))
  const isSide = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.or(isFlat, isGround)))
  const isCandidate = v128.and(isSide, i32x4.lt_s(inRow, width))
  return v128.bitselect(v128.or(i32x4.shl(unlikeness, 2 * PLACE_BITS), place), i32x4.splat(NONE), isCandidate)
}

/** Column or row of the sample that is nearest to a pixel's, which may lie beyond the image. */
function nearestSample(pixel: i32): i32 {
  return <i32>Math.floor(<f64>(pixel - offsetPx) / <f64>stridePx + 0.5)
}

/** Whether a colour lies between two others that differ, as a mixture of them does. */
function isMixture(from: i32, to: i32, mixed: i32): bool {
  if (difference(from, to) < MIN_SIDES_DIFFERENCE) return false
  const r = from >> 16
  const g = (from >> 8) & 255
  const b = from & 255
  const lineR = <f64>((to >> 16) - r)
  const lineG = <f64>(((to >> 8) & 255) - g)
  const lineB = <f64>((to & 255) - b)
  const r0 = <f64>((mixed >> 16) - r)
  const g0 = <f64>(((mixed >> 8) & 255) - g)
  const b0 = <f64>((mixed & 255) - b)
  const length = lineR * lineR + lineG * lineG + lineB * lineB
  const t = min<f64>(1, max<f64>(0, (r0 * lineR + g0 * lineG + b0 * lineB) / length))
  const offR = r0 - t * lineR
  const offG = g0 - t * lineG
  const offB = b0 - t * lineB
  return offR * offR + offG * offG + offB * offB <= MAX_DEVIATION * MAX_DEVIATION * length
}

/** Position of a sample on the line between two others in OKLab, 0 to 1. */
function positionBetween(from: usize, to: usize, mixed: usize): f64 {
  const start = labs + from * 12
  const end = labs + to * 12
  const own = labs + mixed * 12
  let along: f64 = 0
  let length: f64 = 0
  for (let part: usize = 0; part < 12; part += 4) {
    const line = <f64>load<f32>(end + part) - <f64>load<f32>(start + part)
    along += line * (<f64>load<f32>(own + part) - <f64>load<f32>(start + part))
    length += line * line
  }
  return min<f64>(1, max<f64>(0, along / length))
}
