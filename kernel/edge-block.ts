/**
 * The nodes of pixels in a block where an edge runs. The samples near by name the colours that may meet there, the
 * block's sides; a pixel is one of them, or lies between two. Pixels of a block follow each other, so that what the
 * samples say is gathered once a block.
 */
import * as block from './block'
import {
  gatherSides,
  sideDoubts,
  sideLabs,
  sideMixtures,
  sideNodes,
  sides,
  sideShades,
  sidesOfColour,
} from './edge-sides'
import { nodeOfFlatColour } from './flat-places'
import { labA, labB, labL, setLab } from './lab-table'
import { blendMixtures, pureTone } from './mixture'
import { nodeOf as nodeOfShade, SHADE_STEPS } from './node-table'
import { bytesOf, channels, colourAt, nodeOf as nodeAddress, width } from './plane'
import { lightnessOfMixture, mixtureOfColour, toneCount, tonesByPart, withoutNoise } from './tones'

/** A pixel this near to a side (OKLab) is of that side, in its own shade; up to twice as far it begins to be a mixture. */
const OWN_DISTANCE: f64 = 0.018
/** A mixture is taken for one up to this distance from the line between its sides (OKLab). */
const MAX_DEVIATION: f64 = 0.05
/** Being a mixture at all counts as this much deviation, being of a tone that no sample near by has as more. */
const MIXTURE_PENALTY: f64 = 0.006
const FAR_PENALTY: f64 = 0.02

/** The block whose sides are gathered, and the last colour that was looked at there, with its node. */
let column: i32 = -2
let row: i32 = -2
let lastColour: i32 = -1
let lastNode: i32 = 0

/** Forgets the last image. */
export function resetEdges(): void {
  column = -2
  row = -2
  lastColour = -1
}

/** Sorts all pixels of the block at hand. */
export function sortEdge(): void {
  enter(block.column, block.row)
  const step = <usize>channels
  for (let y = block.y0; y < block.y1; y++) {
    let node = nodeAddress(y * width + block.x0)
    let at = bytesOf(y * width + block.x0)
    for (let x = block.x0; x < block.x1; x++) {
      store<u16>(node, <u16>nodeOfNext(colourAt(at)))
      node += 2
      at += step
    }
  }
}

/** The node of one pixel, `0xRRGGBB`, in the block right of and below a sample. */
export function edgeNode(ofColumn: i32, ofRow: i32, colour: i32): i32 {
  enter(ofColumn, ofRow)
  return nodeOfNext(colour)
}

function nodeOfNext(colour: i32): i32 {
  if (colour != lastColour) {
    lastColour = colour
    lastNode = nodeOfColour(colour)
  }
  return lastNode
}

function enter(ofColumn: i32, ofRow: i32): void {
  if (ofColumn == column && ofRow == row) return
  column = ofColumn
  row = ofRow
  lastColour = -1
  gatherSides(column, row)
}

function nodeOfColour(colour: i32): i32 {
  const equal = sidesOfColour(colour)
  if (equal != 0) return load<i32>(sideNodes + ((<usize>ctz(equal)) << 2))
  const flat = nodeOfFlatColour(colour)
  if (flat >= 0) return flat
  setLab(colour)
  return find()
}

/** The node of the colour that was brought to OKLab last. Sides are looked at two by two. */
function find(): i32 {
  if (sides == 0) return byColour()
  const lights = f64x2.splat(labL)
  const greens = f64x2.splat(labA)
  const blues = f64x2.splat(labB)
  let places: v128 = i64x2(0, 1)
  let least = squaredDistances(0, lights, greens, blues)
  let best = places
  // Without branches, which nobody could foretell: each half of the vectors keeps the nearest of its sides.
  for (let side = 2; side < sides; side += 2) {
    places = i64x2.add(places, i64x2.splat(2))
    const distances = squaredDistances(side, lights, greens, blues)
    const nearer = f64x2.lt(distances, least)
    least = v128.bitselect(distances, least, nearer)
    best = v128.bitselect(places, best, nearer)
  }
  const even = f64x2.extract_lane(least, 0)
  const odd = f64x2.extract_lane(least, 1)
  const evenSide = <i32>i64x2.extract_lane(best, 0)
  const oddSide = <i32>i64x2.extract_lane(best, 1)
  const isOdd = odd < even || (odd == even && oddSide < evenSide)
  const nearest = isOdd ? oddSide : evenSide
  const squared = (isOdd ? odd : even) / load<f64>(sideDoubts + ((<usize>nearest) << 3))
  if (squared <= OWN_DISTANCE * OWN_DISTANCE) return ofSide(nearest)
  const other = mostLikely(sideLabs, sides, nearest, squared, MIXTURE_PENALTY)
  if (squared <= leastCost * leastCost) return ofSide(nearest)
  const mixture = load<i32>(sideMixtures + ((<usize>nearest) << 2))
  const shade = load<f64>(sideShades + ((<usize>nearest) << 3))
  if (other >= 0) {
    position *= min<f64>(1, Math.sqrt(squared) / OWN_DISTANCE - 1)
    return nodeOfShade(
      blendMixtures(mixture, load<i32>(sideMixtures + ((<usize>other) << 2)), position),
      shade * (1 - position) + load<f64>(sideShades + ((<usize>other) << 3)) * position,
    )
  }
  // A thin thing whose own colour no sample near by has: between a side and one of all tones.
  const tone = mostLikely(tonesByPart, toneCount, nearest, squared, FAR_PENALTY)
  if (tone < 0) return byColour()
  return nodeOfShade(blendMixtures(mixture, pureTone(tone), position), shade * (1 - position))
}

/** Squared distances of a side and the next from a colour, times their doubts. */
function squaredDistances(side: i32, lights: v128, greens: v128, blues: v128): v128 {
  const place = sideLabs + ((<usize>side) << 3)
  const dl = f64x2.sub(lights, v128.load(place))
  const da = f64x2.sub(greens, v128.load(place, 64))
  const db = f64x2.sub(blues, v128.load(place, 128))
  const own = f64x2.add(f64x2.add(f64x2.mul(dl, dl), f64x2.mul(da, da)), f64x2.mul(db, db))
  return f64x2.mul(own, v128.load(sideDoubts + ((<usize>side) << 3)))
}

/** What the last search found: the cost, and how far the pixel is on the way to the other colour, 0 to 1. */
let leastCost: f64 = MAX_DEVIATION
let position: f64 = 0

/**
 * Of several colours (at most eight, part by part as the sides are) the one for which the pixel lies closest to the line
 * from its nearest side; -1 when none is close enough. `squared` is the pixel's squared distance from that side.
 */
function mostLikely(colours: usize, count: i32, nearest: i32, squared: f64, penalty: f64): i32 {
  const side = sideLabs + ((<usize>nearest) << 3)
  const fromL = f64x2.splat(load<f64>(side))
  const fromA = f64x2.splat(load<f64>(side, 64))
  const fromB = f64x2.splat(load<f64>(side, 128))
  const dl = f64x2.sub(f64x2.splat(labL), fromL)
  const da = f64x2.sub(f64x2.splat(labA), fromA)
  const db = f64x2.sub(f64x2.splat(labB), fromB)
  let best = -1
  let least = (MAX_DEVIATION - penalty) * (MAX_DEVIATION - penalty)
  let there: f64 = 0
  for (let colour = 0; colour < count; colour += 2) {
    const place = colours + ((<usize>colour) << 3)
    const l = f64x2.sub(v128.load(place), fromL)
    const a = f64x2.sub(v128.load(place, 64), fromA)
    const b = f64x2.sub(v128.load(place, 128), fromB)
    const along = f64x2.add(f64x2.add(f64x2.mul(l, dl), f64x2.mul(a, da)), f64x2.mul(b, db))
    const ahead = f64x2.gt(along, f64x2.splat(0))
    if (!v128.any_true(ahead)) continue
    const length = f64x2.add(f64x2.add(f64x2.mul(l, l), f64x2.mul(a, a)), f64x2.mul(b, b))
    const beside = f64x2.sub(f64x2.splat(squared), f64x2.div(f64x2.mul(along, along), length))
    const toL = f64x2.sub(dl, l)
    const toA = f64x2.sub(da, a)
    const toB = f64x2.sub(db, b)
    const beyond = f64x2.add(f64x2.add(f64x2.mul(toL, toL), f64x2.mul(toA, toA)), f64x2.mul(toB, toB))
    const deviations = v128.bitselect(
      v128.bitselect(beside, beyond, f64x2.lt(along, length)),
      f64x2.splat(Infinity),
      ahead,
    )
    const first = f64x2.extract_lane(deviations, 0)
    const second = f64x2.extract_lane(deviations, 1)
    if (first < least) {
      least = first
      best = colour
      there = shareOf(f64x2.extract_lane(along, 0), f64x2.extract_lane(length, 0))
    }
    if (second < least && colour + 1 < count) {
      least = second
      best = colour + 1
      there = shareOf(f64x2.extract_lane(along, 1), f64x2.extract_lane(length, 1))
    }
  }
  position = there
  leastCost = Math.sqrt(max<f64>(0, least)) + penalty
  return best
}

/** How far on the way a place is. */
function shareOf(along: f64, length: f64): f64 {
  return along < length ? along / length : 1
}

function ofSide(side: i32): i32 {
  if (load<f64>(sideDoubts + ((<usize>side) << 3)) > 1) return load<i32>(sideNodes + ((<usize>side) << 2))
  return inOwnShade(load<i32>(sideMixtures + ((<usize>side) << 2)))
}

function byColour(): i32 {
  return inOwnShade(mixtureOfColour(labL, labA, labB))
}

function inOwnShade(mixture: i32): i32 {
  return nodeOfShade(mixture, withoutNoise(labL * SHADE_STEPS - lightnessOfMixture(mixture)))
}
