/**
 * The nodes of pixels in a block where an edge runs. The samples near by name the colours that may meet there, the
 * block's sides; a pixel is one of them, or lies between two. Pixels of a block follow each other, so that what the
 * samples say is gathered once a block.
 */
import * as block from './block'
import {
  gatherSides,
  sideBytes,
  sideDoubts,
  sideLabs,
  sideMixtures,
  sideNodes,
  sides,
  sideShades,
  sidesOfColour,
} from './edge-sides'
import { nodeOfFlatColour } from './flat-places'
import { ownLab, ownLightness, setLab } from './lab-table'
import { blendMixtures } from './mixing'
import { pureTone } from './mixture'
import { nodeOf as nodeOfShade, SHADE_STEPS } from './node-table'
import { bytesOf, channels, colourAt, columns, nodeOf as nodeAddress, width } from './plane'
import { tonesNear } from './sample-mixtures'
import {
  lightnessOfMixture,
  mixtureOfLab,
  nearestTone,
  squaredDistanceOfTone,
  toneCount,
  tonesByPart,
  withoutNoise,
} from './tones'

/** A pixel this near to a side (OKLab) is of that side, in its own shade; up to twice as far it begins to be a mixture. */
const OWN_DISTANCE: f64 = 0.018
/** A mixture is taken for one up to this distance from the line between its sides (OKLab). */
const MAX_DEVIATION: f64 = 0.05
/** Being a mixture at all counts as this much deviation, being of a tone that no sample near by has as more. */
const MIXTURE_PENALTY: f64 = 0.006
const FAR_PENALTY: f64 = 0.02
/**
 * Strong colours are antialiased along a line of their bytes, which is bent in OKLab: a pixel that is on none of the lines
 * there is a mixture where it is this near to one of bytes.
 */
const MAX_BYTES_OFF: f32 = 6

/** The block whose sides are gathered, and the last colour that was looked at there, with its node. */
let column: i32 = -2
let row: i32 = -2
let lastColour: i32 = -1
let lastNode: i32 = 0
/** The tones that are to be seen near the block, as bits; -1 where nobody has asked yet. */
let tonesAround: i32 = -1

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
  tonesAround = -1
  gatherSides(column, row)
}

function nodeOfColour(colour: i32): i32 {
  const equal = sidesOfColour(colour)
  if (equal != 0) return load<i32>(sideNodes + ((<usize>ctz(equal)) << 2))
  const flat = nodeOfFlatColour(colour)
  if (flat >= 0) return flat
  setLab(colour)
  return find(colour)
}

/** The node of a colour, which was brought to OKLab last. */
function find(colour: i32): i32 {
  if (sides == 0) return byColour()
  const lights = v128.load32_splat(ownLab)
  const greens = v128.load32_splat(ownLab, 4)
  const blues = v128.load32_splat(ownLab, 8)
  let keys = doubtfulDistances(0, lights, greens, blues)
  if (sides > 4) keys = i32x4.min_s(keys, doubtfulDistances(4, lights, greens, blues))
  const key = leastOf(keys)
  const nearest = placeOf(key)
  const squared = distanceOf(key) / load<f32>(sideDoubts + ((<usize>nearest) << 2))
  if (squared <= <f32>(OWN_DISTANCE * OWN_DISTANCE)) return ofSide(nearest)
  let other = mostLikely(sideLabs, sides, nearest, squared, MIXTURE_PENALTY)
  if (squared <= leastCost * leastCost) return ofSide(nearest)
  if (other < 0) other = mixedByBytes(colour, nearest)
  const mixture = load<i32>(sideMixtures + ((<usize>nearest) << 2))
  const shade = load<f64>(sideShades + ((<usize>nearest) << 3))
  if (other >= 0) {
    const share = <f64>position * min<f64>(1, Math.sqrt(<f64>squared) / OWN_DISTANCE - 1)
    return nodeOfShade(
      blendMixtures(mixture, load<i32>(sideMixtures + ((<usize>other) << 2)), share),
      shade * (1 - share) + load<f64>(sideShades + ((<usize>other) << 3)) * share,
    )
  }
  // A thin thing whose own colour no sample near by has: between a side and one of all tones.
  const tone = mostLikely(tonesByPart, toneCount, nearest, squared, FAR_PENALTY)
  if (tone < 0 || isElsewhere(tone)) return likeSidesOrTone(nearest, squared)
  const share = <f64>position
  return nodeOfShade(blendMixtures(mixture, pureTone(tone), share), shade * (1 - share))
}

/**
 * Whether a tone is to be seen nowhere near the block, where that of another thing is. The first is the background's, which
 * may show through anything.
 */
function isElsewhere(tone: i32): bool {
  if (tone == 0) return false
  if (tonesAround < 0) tonesAround = tonesNear(row * columns + column, false)
  return tonesAround != 0 && (tonesAround & (1 << tone)) == 0
}

/**
 * A pixel that nothing explains, as in a dark or bright rim: between the sides whose line it is closest to, in its own
 * shade, or of its nearest tone where it is closer to that.
 */
function likeSidesOrTone(nearest: i32, squared: f32): i32 {
  const key = closestLine(ownLab, sideLabs + ((<usize>nearest) << 2), sideLabs, sides, squared)
  const tone = nearestTone(ownLab)
  if (!isElsewhere(tone) && squaredDistanceOfTone(tone, ownLab) < <f64>min(squared, distanceOf(key)))
    return byColour()
  const mixture = load<i32>(sideMixtures + ((<usize>nearest) << 2))
  if (key == NONE) return inOwnShade(mixture)
  const other = (<usize>placeOf(key)) << 2
  return inOwnShade(blendMixtures(mixture, load<i32>(sideMixtures + other), <f64>load<f32>(shares + other)))
}

/*
 * The least of eight distances (f32, none negative) is found without branches, which nobody could foretell: bits of such
 * numbers are in their order, and the lowest three, too few to matter, give way to the place among the eight.
 */
const PLACE_MASK: i32 = 7
/** Stands for a place that is out of question. */
const NONE: i32 = i32.MAX_VALUE

/** Distances at four places as keys; those outside of the mask are out of question. */
function keysOf(distances: v128, places: v128, mask: v128): v128 {
  const keys = v128.or(v128.and(distances, i32x4.splat(~PLACE_MASK)), places)
  return v128.bitselect(keys, i32x4.splat(NONE), mask)
}

/** The least of four keys. */
function leastOf(keys: v128): i32 {
  const halves = i32x4.min_s(keys, i32x4.shuffle(keys, keys, 2, 3, 0, 1))
  return min(i32x4.extract_lane(halves, 0), i32x4.extract_lane(halves, 1))
}

function placeOf(key: i32): i32 {
  return key & PLACE_MASK
}

function distanceOf(key: i32): f32 {
  return key == NONE ? <f32>Infinity : reinterpret<f32>(key & ~PLACE_MASK)
}

/** The numbers of four of eight places, from the first or the fifth on. */
function placesFrom(first: i32): v128 {
  return i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(first))
}

/** Squared distances of four sides from a colour, times their doubts, as keys. */
function doubtfulDistances(first: i32, lights: v128, greens: v128, blues: v128): v128 {
  const place = sideLabs + ((<usize>first) << 2)
  const dl = f32x4.sub(lights, v128.load(place))
  const da = f32x4.sub(greens, v128.load(place, 32))
  const db = f32x4.sub(blues, v128.load(place, 64))
  const own = f32x4.add(f32x4.add(f32x4.mul(dl, dl), f32x4.mul(da, da)), f32x4.mul(db, db))
  const distances = f32x4.mul(own, v128.load(sideDoubts + ((<usize>first) << 2)))
  // Behind the last side lie none, far from all colours.
  return keysOf(distances, placesFrom(first), i32x4.splat(-1))
}

/** What the last search found: the cost, and how far the pixel is on the way to the other colour, 0 to 1. */
let leastCost: f32 = <f32>MAX_DEVIATION
let position: f32 = 0
/** How far the pixel is on the way to each of eight colours, f32. */
const shares: usize = memory.data(8 * 4, 16)

/**
 * Of several colours (at most eight, part by part as the sides are) the one for which the pixel lies closest to the line
 * from its nearest side; -1 when none is close enough. `squared` is the pixel's squared distance from that side.
 */
function mostLikely(colours: usize, count: i32, nearest: i32, squared: f32, penalty: f64): i32 {
  const key = closestLine(ownLab, sideLabs + ((<usize>nearest) << 2), colours, count, squared)
  const most = <f32>(MAX_DEVIATION - penalty)
  if (distanceOf(key) >= most * most) {
    leastCost = <f32>MAX_DEVIATION
    return -1
  }
  leastCost = <f32>(Math.sqrt(<f64>distanceOf(key)) + penalty)
  position = load<f32>(shares + ((<usize>placeOf(key)) << 2))
  return placeOf(key)
}

/** Three parts of the colour that is looked for by its bytes, f32. */
const ownBytes: usize = memory.data(16, 16)

/** Of the sides the one that a colour is mixed with by its bytes, beside its nearest side; -1 where there is none. */
function mixedByBytes(colour: i32, nearest: i32): i32 {
  const side = sideBytes + ((<usize>nearest) << 2)
  const red = <f32>(colour >> 16)
  const green = <f32>((colour >> 8) & 255)
  const blue = <f32>(colour & 255)
  store<f32>(ownBytes, red)
  store<f32>(ownBytes, green, 4)
  store<f32>(ownBytes, blue, 8)
  const r = red - load<f32>(side)
  const g = green - load<f32>(side, 32)
  const b = blue - load<f32>(side, 64)
  const key = closestLine(ownBytes, side, sideBytes, sides, r * r + g * g + b * b)
  if (distanceOf(key) >= MAX_BYTES_OFF * MAX_BYTES_OFF) return -1
  position = load<f32>(shares + ((<usize>placeOf(key)) << 2))
  return placeOf(key)
}

/**
 * Of several colours (at most eight, part by part as the sides are) the one whose line from a side an own colour lies
 * closest to, as a key with the squared distance; `squared` is the own one's from the side.
 */
function closestLine(own: usize, side: usize, colours: usize, count: i32, squared: f32): i32 {
  const fromL = v128.load32_splat(side)
  const fromA = v128.load32_splat(side, 32)
  const fromB = v128.load32_splat(side, 64)
  const dl = f32x4.sub(v128.load32_splat(own), fromL)
  const da = f32x4.sub(v128.load32_splat(own, 4), fromA)
  const db = f32x4.sub(v128.load32_splat(own, 8), fromB)
  let keys = i32x4.splat(NONE)
  for (let first = 0; first < count; first += 4) {
    const place = colours + ((<usize>first) << 2)
    const l = f32x4.sub(v128.load(place), fromL)
    const a = f32x4.sub(v128.load(place, 32), fromA)
    const b = f32x4.sub(v128.load(place, 64), fromB)
    const along = f32x4.add(f32x4.add(f32x4.mul(l, dl), f32x4.mul(a, da)), f32x4.mul(b, db))
    const length = f32x4.add(f32x4.add(f32x4.mul(l, l), f32x4.mul(a, a)), f32x4.mul(b, b))
    // No farther than to the colour itself.
    const share = f32x4.pmin(f32x4.splat(1), f32x4.div(along, length))
    const beside = f32x4.mul(share, f32x4.sub(f32x4.add(along, along), f32x4.mul(share, length)))
    const deviations = f32x4.pmax(f32x4.splat(0), f32x4.sub(f32x4.splat(squared), beside))
    const places = placesFrom(first)
    const isAhead = v128.and(f32x4.gt(along, f32x4.splat(0)), i32x4.lt_s(places, i32x4.splat(count)))
    v128.store(shares + ((<usize>first) << 2), share)
    keys = i32x4.min_s(keys, keysOf(deviations, places, isAhead))
  }
  return leastOf(keys)
}

function ofSide(side: i32): i32 {
  if (load<f32>(sideDoubts + ((<usize>side) << 2)) > 1) return load<i32>(sideNodes + ((<usize>side) << 2))
  return inOwnShade(load<i32>(sideMixtures + ((<usize>side) << 2)))
}

function byColour(): i32 {
  return inOwnShade(mixtureOfLab(ownLab))
}

function inOwnShade(mixture: i32): i32 {
  return nodeOfShade(mixture, withoutNoise(ownLightness() * SHADE_STEPS - lightnessOfMixture(mixture)))
}
