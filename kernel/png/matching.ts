/**
 * Finds what repeats in a strip. Which tokens make the shortest file is a shortest path: from every unit one may go on by
 * the unit itself, or by what repeats from there, each at its cost.
 */
import { MAX_DISTANCE, MAX_LENGTH, MIN_LENGTH } from './deflate-codes'
import {
  alikeUnits,
  end,
  first,
  known,
  MAX_UNITS,
  offsetAt,
  openStrip,
  PLACES,
  placeStrip,
  STRIP_BYTES,
  takePixels,
  unitAt,
  units,
} from './strip'
import { nodeSumsBytes, placeNodeSums } from './node-sums'
import { growTo, pixels } from '../pixels'
import { estimateFor, PIXEL_COST, repetitionCost, ROW_COST } from './token-costs'
import { repetition, REPEATS, ROW } from './tokens'

/** A repetition of more pixels would be too long. */
const MAX_REPEATED: i32 = MAX_LENGTH / 3

const NOT_REACHED: u32 = 0xffffffff

/** Where a repetition is this long a pixel by itself, or one more search, gains nothing worth the time. */
const GOOD_UNITS: i32 = 8
const LONG_UNITS: i32 = 16

/**
 * Last place of each hash of two units, i32, and of each unit; and before each place, i32, the last one of its hash. All are
 * counted from the image's first unit, which is `base` places below the lowest that there is now.
 */
const HASH_BITS: i32 = 15
const SPREAD: i32 = 0x9e3779b1
let lastOfHash: usize = 0
let lastOfUnit: usize = 0
let before: usize = 0
let base: i32 = 0
/** By place in the strip: the least cost of coming there, u32, and its last step: a token, and bits with its units. */
let costs: usize = 0
let steps: usize = 0
const UNITS_SHIFT: i32 = 23
/**
 * A place that is reached, and its cost, the least of those that lie ahead. From a place before it that costs no less nothing
 * is gained: what repeats from there on repeats from the cheaper place on as well.
 */
let ahead: i32 = 0
let aheadCost: u32 = NOT_REACHED
/** The tokens of the strip, u32. */
let tokens: usize = 0
/** Where they begin. */
export let stripTokens: usize = 0

let rowUnits: i32 = 0
let attempts: i32 = 0

/** Begins with an image; the more attempts, the more is found. What was laid out for its analysis is lost. */
export function beginOutline(width: i32, height: i32, nodes: i32, most: i32): void {
  rowUnits = width + 1
  estimateFor(width)
  attempts = most
  base = 0
  const sums = pixels
  const strip = sums + nodeSumsBytes(nodes)
  lastOfHash = strip + STRIP_BYTES
  lastOfUnit = lastOfHash + ((<usize>1) << (HASH_BITS + 2))
  before = lastOfUnit + ((<usize>1) << 18)
  costs = before + ((<usize>PLACES) << 2)
  steps = costs + ((<usize>MAX_UNITS + 1) << 2)
  tokens = steps + ((<usize>MAX_UNITS + 1) << 2)
  growTo(tokens + ((<usize>MAX_UNITS) << 2))
  memory.fill(lastOfHash, 0, before - lastOfHash)
  placeNodeSums(sums, nodes)
  placeStrip(strip, width, height)
}

/** Takes the pixels of the next strip, whole rows, and answers how many tokens stand for it; see {@link takePixels}. */
export function outlineStrip(start: i32, stop: i32, runs: i32, lead: i32): i32 {
  const moved = openStrip()
  if (moved > 0) moveDown(moved)
  takePixels(start, stop, runs, lead)
  memory.fill(costs, 0xff, (<usize>(end - first + 1)) << 2)
  store<u32>(costs, 0)
  ahead = first
  for (let place = first; place < end;) {
    if (isIdle(place)) place += IDLE_UNITS
    else stepFrom(place++)
  }
  return followBack()
}

/** What is known lies so many places lower now. */
function moveDown(moved: i32): void {
  base += moved
  const kept = before + ((<usize>known) << 2)
  memory.copy(kept, kept + ((<usize>moved) << 2), (<usize>(first - known)) << 2)
}

/** Within a run, where no step ends, so many places are passed at a time. */
const IDLE_UNITS: i32 = 7

function isIdle(place: i32): bool {
  const unit = units + ((<usize>place) << 1)
  if (!i8x16.all_true(i8x16.eq(v128.load(unit - 2), v128.load(unit)))) return false
  const cost = costs + ((<usize>(place - first)) << 2)
  return i8x16.all_true(i8x16.eq(v128.and(v128.load(cost), v128.load(cost, 16)), i8x16.splat(-1)))
}

function stepFrom(place: i32): void {
  const unit = unitAt(place)
  const next = unitAt(place + 1)
  const repeatsLeft = unitAt(place - 1) == unit
  // Within a run nothing needs to be found again.
  const isInside = repeatsLeft && next == unit
  let lastPair = 0
  let lastSame = 0
  if (!isInside) {
    const ofHash = lastOfHash + ((<usize>((((next << 16) | unit) * SPREAD) >>> (32 - HASH_BITS))) << 2)
    const pair = load<i32>(ofHash)
    store<i32>(before + ((<usize>place) << 2), pair)
    store<i32>(ofHash, place + base)
    lastPair = pair - base
    const ofUnit = lastOfUnit + ((<usize>unit) << 2)
    lastSame = load<i32>(ofUnit) - base
    store<i32>(ofUnit, place + base)
  }
  const cost = load<u32>(costs + ((<usize>(place - first)) << 2))
  if (place >= ahead) aheadCost = NOT_REACHED
  if (cost >= aheadCost) return
  const limit = min(MAX_REPEATED, end - place)
  let best = 0
  if (repeatsLeft) {
    best = alikeUnits(place - 1, place, limit)
    repeat(place, place - 1, best, cost)
  }
  if (best < limit) {
    const lowest = offsetAt(place) - MAX_DISTANCE
    const above = place - rowUnits
    if (isWithin(above, lowest)) {
      const alike = alikeUnits(above, place, limit)
      if (alike > best) {
        best = alike
        repeat(place, above, best, cost)
      }
    }
    if (!isInside) {
      let earlier = lastPair
      for (let left = attempts; left > 0 && best < LONG_UNITS && isWithin(earlier, lowest); left--) {
        if (unitAt(earlier + best) == unitAt(place + best)) {
          const alike = alikeUnits(earlier, place, limit)
          if (alike > best) {
            best = alike
            repeat(place, earlier, best, cost)
          }
        }
        earlier = load<i32>(before + ((<usize>earlier) << 2)) - base
      }
      if (best < 2 && isWithin(lastSame, lowest)) repeat(place, lastSame, 1, cost)
    }
  }
  if (best < GOOD_UNITS && !isInside) {
    reach(place + 1, cost + (unit == ROW ? ROW_COST : PIXEL_COST), <u32>unit)
  }
}

/** Whether a place is known, and begins at an offset or behind it. */
function isWithin(place: i32, lowest: i32): bool {
  return place >= known && offsetAt(place) >= lowest
}

/** Goes on by repeating so many units from an earlier place. */
function repeat(place: i32, earlier: i32, count: i32, cost: u32): void {
  const offset = offsetAt(place)
  const distance = offset - offsetAt(earlier)
  const length = offsetAt(place + count) - offset
  // The beginning of a row alone is too short.
  if (length < MIN_LENGTH) return
  const token = repetition(length, distance) | ((<u32>count) << UNITS_SHIFT)
  reach(place + count, cost + repetitionCost(length, distance), token)
}

function reach(place: i32, cost: u32, step: u32): void {
  const at = costs + ((<usize>(place - first)) << 2)
  let least = load<u32>(at)
  if (cost < least) {
    least = cost
    store<u32>(at, cost)
    store<u32>(steps + ((<usize>(place - first)) << 2), step)
  }
  if (least < aheadCost) {
    ahead = place
    aheadCost = least
  }
}

/** Gathers the tokens of the shortest path, back from its end; answers how many there are. */
function followBack(): i32 {
  let token = tokens + ((<usize>MAX_UNITS) << 2)
  const behind = token
  for (let place = end - first; place > 0;) {
    const step = load<u32>(steps + ((<usize>place) << 2))
    token -= 4
    const isRepetition = (step & REPEATS) != 0
    store<u32>(token, isRepetition ? step & ~((<u32>0xff) << UNITS_SHIFT) : step)
    place -= isRepetition ? <i32>((step >> UNITS_SHIFT) & 0x7f) : 1
  }
  stripTokens = token
  return <i32>((behind - token) >> 2)
}
