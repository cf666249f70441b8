/**
 * Some rows of an image as they lie in a file: the nodes of their pixels, and at the beginning of each row {@link ROW}.
 * Before them lies as much of the rows above as a repetition can reach back to.
 */
import { RUN_BYTES } from '../plane'
import { paintNodes, paintRuns } from '../paint'
import { MAX_DISTANCE } from './deflate-codes'
import { countNodes } from './node-sums'
import { ROW } from './tokens'

/** A strip has at most so many units: pixels, and beginnings of rows. */
export const MAX_UNITS: i32 = 1 << 15
/** Two units, in the narrowest image, take four bytes. */
const MAX_HISTORY: i32 = MAX_DISTANCE / 2
/** Vectors may go a little beyond; one unit lies before the first. */
const SLACK_UNITS: i32 = 8
export const PLACES: i32 = SLACK_UNITS + MAX_HISTORY + MAX_UNITS + SLACK_UNITS

/** The units, u16, and where in the file's raw bytes each begins, u32; by their places. */
export let units: usize = 0
export let offsets: usize = 0
/** Bytes that {@link placeStrip} needs. */
export const STRIP_BYTES: usize = <usize>PLACES * 6

/** Places of the first unit that is known, of the strip's first one, and behind its last. */
export let known: i32 = 0
export let first: i32 = 0
export let end: i32 = 0

let width: i32 = 0
/** Raw bytes up to the end of the strip, and from there to the end of the image. */
let offset: i32 = 0
let rest: i32 = 0
/** Pixels until the next row begins. */
let untilRow: i32 = 0

/** Begins with an image; `at` is a place for {@link STRIP_BYTES}. */
export function placeStrip(at: usize, imageWidth: i32, imageHeight: i32): void {
  offsets = at
  units = at + <usize>PLACES * 4
  width = imageWidth
  offset = 0
  rest = imageHeight * (3 * imageWidth + 1)
  untilRow = 0
  known = SLACK_UNITS
  first = SLACK_UNITS
  end = SLACK_UNITS
  // The image begins with a row: a node before that is never the same.
  store<u16>(units + ((<usize>(known - 1)) << 1), 0)
  store<u32>(offsets + ((<usize>end) << 2), 0)
}

/**
 * Makes place for the next strip; answers by how many places all that is kept has moved down.
 */
export function openStrip(): i32 {
  const kept = min(MAX_HISTORY, end - known)
  const moved = end - kept - SLACK_UNITS
  const from = <usize>(end - kept)
  const to = <usize>SLACK_UNITS
  memory.copy(units + (to << 1), units + (from << 1), (<usize>kept) << 1)
  memory.copy(offsets + (to << 2), offsets + (from << 2), (<usize>kept + 1) << 2)
  known = SLACK_UNITS
  first = SLACK_UNITS + kept
  end = first
  return moved
}

/**
 * Takes the pixels from one to another (numbers in the image): so many even runs, at `paintRuns`, reach into them, and the
 * nodes of the others lie from the place `lead` of `paintNodes` on.
 */
export function takePixels(start: i32, stop: i32, runs: i32, lead: i32): void {
  let node = paintNodes + ((<usize>lead) << 1)
  let pixel = start
  for (let each = 0; each < runs; each++) {
    const run = paintRuns + <usize>each * RUN_BYTES
    const runStart = max(pixel, load<i32>(run))
    const runEnd = min(stop, load<i32>(run, 4))
    takeOdd(node, runStart - pixel)
    node += (<usize>(runStart - pixel)) << 1
    takeEven(load<i32>(run, 8), runEnd - runStart)
    pixel = runEnd
  }
  takeOdd(node, stop - pixel)
  // So will the next strip begin.
  store<u16>(units + ((<usize>end) << 1), <u16>ROW)
}

function takeOdd(nodes: usize, count: i32): void {
  let from = nodes
  for (let left = count; left > 0;) {
    const now = fitting(left)
    const to = units + ((<usize>end) << 1)
    for (let each = 0; each < now; each++) {
      countNodes(<i32>load<u16>(from + ((<usize>each) << 1)), 1, rest - 3 * each)
    }
    memory.copy(to, from, (<usize>now) << 1)
    from += (<usize>now) << 1
    placePixels(now)
    left -= now
  }
}

function takeEven(node: i32, count: i32): void {
  for (let left = count; left > 0;) {
    const now = fitting(left)
    countNodes(node, now, rest)
    const to = units + ((<usize>end) << 1)
    // What is written beyond is overwritten by what comes next.
    for (let each: usize = 0; each < <usize>now; each += 8) {
      v128.store(to + (each << 1), i16x8.splat(<i16>node))
    }
    placePixels(now)
    left -= now
  }
}

/** So many of some pixels lie in the row at hand; begins the next one where it is full. */
function fitting(pixels: i32): i32 {
  if (untilRow == 0) {
    store<u16>(units + ((<usize>end) << 1), <u16>ROW)
    end++
    offset++
    rest--
    store<u32>(offsets + ((<usize>end) << 2), <u32>offset)
    untilRow = width
  }
  return min(pixels, untilRow)
}

/** Goes on behind so many pixels of a row. */
function placePixels(count: i32): void {
  let at = offsets + ((<usize>(end + 1)) << 2)
  let four = i32x4.add(i32x4.splat(offset), i32x4(3, 6, 9, 12))
  for (let each = 0; each < count; each += 4) {
    v128.store(at, four)
    four = i32x4.add(four, i32x4.splat(12))
    at += 16
  }
  end += count
  offset += 3 * count
  rest -= 3 * count
  untilRow -= count
}

export function unitAt(place: i32): i32 {
  return <i32>load<u16>(units + ((<usize>place) << 1))
}

/** Raw bytes before a unit. */
export function offsetAt(place: i32): i32 {
  return load<i32>(offsets + ((<usize>place) << 2))
}

/** How many units at two places are the same, up to a limit. */
export function alikeUnits(one: i32, other: i32, limit: i32): i32 {
  let a = units + ((<usize>one) << 1)
  let b = units + ((<usize>other) << 1)
  for (let alike = 0; alike < limit; alike += 8) {
    const unlike = i16x8.bitmask(i16x8.ne(v128.load(a), v128.load(b)))
    if (unlike != 0) return min(limit, alike + ctz(unlike))
    a += 16
    b += 16
  }
  return limit
}
