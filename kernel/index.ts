/**
 * What the thread's own code (`src/threads/kernel.ts`) calls. It has the rows of a PNG file read
 * (`codec/png-rows.ts`). Of a picture it hands in the lines that samples are taken from (`sample-plane.ts`), has it listed
 * where the background ends and edges run (`background.ts`, `edge-samples.ts`), and has the samples mixed
 * (`sample-mixtures.ts`). Then it hands in one band of pixels after the other, each of which gets a node by what the samples
 * around it show (`pixel-sorter.ts`), and later has them painted (`painter.ts`).
 */
import { closeBand, openBand } from './band'
import * as block from './block'
import { edgeNode, resetEdges, sortEdge } from './edge-block'
import { lastAlike, sortEven } from './even-blocks'
import { isFull, nodeOf as nodeOfShade, resetNodes } from './node-table'
import {
  bytesOf,
  channels,
  colourAt,
  columns,
  difference,
  FLAT,
  kinds,
  layOut,
  mask,
  GROUND,
  NO_GROUND,
  mixtures,
  moveBand,
  nodeOf as nodeAddress,
  nodesOfSamples,
  rgb,
  rows,
  shades,
  stridePx,
  width,
} from './plane'
import { findFlatColours, findFlatPlaces, numberFlatColours } from './flat-places'
import { findNearestTones, mixAll } from './sample-mixtures'
import { resetSmooth, sortSmooth } from './smooth-block'
import { resetTexture, sortTexture } from './texture-blocks'
import { blendCells, measureCells } from './tone-grid'
import { setTones } from './tones'

export { oddCount } from './band'
export { listEdges, settleEdge } from './edge-samples'
export { alikeSamples, listFrontier, listNearGround, markAlike } from './ground'
export { cubeRoots, lights } from './lab-table'
export { byteOfStep, colourNodes, toneOffsets, toneTargets, toneWords } from './node-colours'
export { nodeCount, nodeKeys } from './node-table'
export { chooseOwn, countGround, smoothShare } from './own-samples'
export { beginOutline, outlineStrip, stripTokens } from './png/matching'
export { reduceNodeSums } from './png/node-sums'
export {
  beginFile,
  closeFile,
  countTokens,
  fileBytes,
  fileSums,
  fileTokens,
  openFile,
  writeTokens,
} from './png/file'
export { keepLastRow, openRows, unfilter } from './png/unfilter'
export { paint, paintColours, paintNodes, paintRuns } from './paint'
export { makeRoom, pixels } from './pixels'
export { listBorders } from './borders'
export { bandBytes, bandRuns, oddNodes } from './plane'
export { edgeFrom, edgeLike, edgeSamples, edgeShares, edgeTo } from './plane'
export { kinds, labs, listed, mask, nearestTones, rgb } from './plane'
export { sampleRow } from './sampling'
export { toneLabs } from './tones'
export { layOut, setTones }

/** Parts of the background's pixels may differ by this much from its colour: noise of a compressed image. */
let noiseStep: i32 = 0
/** `0xRRGGBB` of the background, and whether the subject may run into it. */
let groundRgb: i32 = 0
let isOpen: bool = false
let isTexture: bool = false

/** Says what is known of the image as a whole. */
export function describe(background: i32, open: bool, noise: i32, texture: bool): void {
  groundRgb = background
  isOpen = open
  noiseStep = noise
  isTexture = texture
}

/**
 * Finds out what every sample shows, once its colour, its kind, the edges and the tones are in place. The feedbacks are
 * those of the three rounds in which tones are blended.
 */
export function mixSamples(edges: i32, first: f64, second: f64, third: f64): void {
  findNearestTones()
  measureCells()
  findFlatPlaces()
  blendCells(first, second, third)
  findFlatColours()
  mixAll(edges)
}

/** Begins with an image whose samples and tones are in place; shades are rounded to `grain` steps. */
export function begin(grain: i32): void {
  resetNodes(grain)
  resetEdges()
  resetSmooth()
  if (isTexture) resetTexture()
  numberFlatColours()
  let mixture = -1
  let shade: f32 = 0
  let node = 0
  for (let sample: usize = 0; sample < <usize>(columns * rows); sample++) {
    const ownMixture = <i32>load<u16>(mixtures + (sample << 1))
    const ownShade = load<f32>(shades + (sample << 2))
    if (ownMixture != mixture || ownShade != shade) {
      mixture = ownMixture
      shade = ownShade
      node = nodeOfShade(mixture, shade)
    }
    store<u16>(nodesOfSamples + (sample << 1), <u16>node)
  }
}

/**
 * Sorts a row of blocks, from -1 on, whose pixels are in the band; `origin` is the pixel of the image that the band
 * begins with. Puts the nodes beside even runs from the place `lead` of `oddNodes` on, `oddCount` of them. Returns the
 * number of even runs, or -1 when there are more nodes than can be numbered.
 */
export function sortRow(row: i32, origin: i32, lead: i32): i32 {
  moveBand(origin)
  block.enterRow(row)
  openBand()
  for (let column = -1; column < columns;) {
    const last = lastAlike(column, row)
    if (last >= column) {
      block.span(column, last)
      if (block.x0 < block.x1) sortEven()
      column = last + 1
    } else {
      block.enterColumn(column)
      if (block.x0 < block.x1) sortBlock()
      column++
    }
  }
  return isFull ? -1 : closeBand(lead)
}

function sortBlock(): void {
  if (isTexture) sortTexture()
  else if (!isSmooth()) sortEdge()
  else {
    const ground = countCorners(GROUND)
    if (ground == 4) sortGround(<i32>load<u16>(nodesOfSamples + ((<usize>block.a) << 1)))
    // However little the subject differs from the background there, the border between them is a line.
    else if (ground > 0 && !isOpen && countCorners(NO_GROUND) > 0) sortEdge()
    else sortSmooth()
  }
}

/** How many samples of the block have that to do with the background. */
function countCorners(part: u8): i32 {
  return (
    i32(load<u8>(mask + block.a) == part) +
    i32(load<u8>(mask + block.b) == part) +
    i32(load<u8>(mask + block.c) == part) +
    i32(load<u8>(mask + block.d) == part)
  )
}

/** A block of the background: its noise is left out. */
function sortGround(node: i32): void {
  for (let y = block.y0; y < block.y1; y++) {
    let at = bytesOf(y * width + block.x0)
    let to = nodeAddress(y * width + block.x0)
    for (let x = block.x0; x < block.x1; x++) {
      const colour = colourAt(at)
      const isNoise = difference(colour, groundRgb) <= noiseStep
      store<u16>(to, <u16>(isNoise ? node : edgeNode(block.column, block.row, colour)))
      at += channels
      to += 2
    }
  }
}

function isFlat(sample: i32): bool {
  return <i32>load<u8>(kinds + sample) == FLAT
}

/** Whether all four samples of the block are flat and run into each other. */
function isSmooth(): bool {
  const a = block.a
  const b = block.b
  const c = block.c
  const d = block.d
  if (!isFlat(a) || !isFlat(b) || !isFlat(c) || !isFlat(d)) return false
  const left = block.sampleColumn(max(0, block.column))
  const right = block.sampleColumn(min(columns - 1, block.column + 1))
  const upper = block.sampleRow(max(0, block.row))
  const lower = block.sampleRow(min(rows - 1, block.row + 1))
  const pixel = <usize>channels
  const line = <usize>(width * channels)
  return (
    (a == b ||
      (runTogether(a, b, bytesOf(upper * width + left), pixel) &&
        runTogether(c, d, bytesOf(lower * width + left), pixel))) &&
    (a == c ||
      (runTogether(a, c, bytesOf(upper * width + left), line) &&
        runTogether(b, d, bytesOf(upper * width + right), line)))
  )
}

/** Neighbours whose parts differ by more than this (0 to 255) are parted by an edge in any case. */
const MAX_RAMP_STEP: i32 = 32
/** Neighbours that differ by no more than this run into each other in any case. */
const MIN_EDGE_STEP: i32 = 12
/** Two pixels hold this share of the whole difference at an edge; on a ramp they hold what their distance says. */
const EDGE_SHARE: f64 = 0.7
const EDGE_SPAN_PX: i32 = 2

/**
 * Whether two neighbouring samples run into each other: no edge lies between them. Looks at the pixels from the first
 * to the second, `step` bytes each, where the difference alone does not tell.
 */
function runTogether(one: usize, other: usize, first: usize, step: usize): bool {
  const whole = difference(load<i32>(rgb + (one << 2)), load<i32>(rgb + (other << 2)))
  if (whole <= MIN_EDGE_STEP) return true
  if (whole > MAX_RAMP_STEP) return false
  if (stridePx <= EDGE_SPAN_PX) return true
  const most = <f64>whole * EDGE_SHARE
  let at = first
  for (let moved = 0; moved + EDGE_SPAN_PX <= stridePx; moved++) {
    if (<f64>difference(colourAt(at), colourAt(at + <usize>EDGE_SPAN_PX * step)) > most) return false
    at += step
  }
  return true
}
