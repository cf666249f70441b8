/**
 * The image at hand as the kernel sees it: its plane of samples, as `src/threads/recolour/sample-plane.ts` takes it,
 * and a band of its pixels.
 */

import { MAX_TONES } from './mixture'
import { growTo, pixels } from './pixels'

export const FLAT: i32 = 0
export const EDGE: i32 = 1
export const HIDDEN: i32 = 2

/** What a sample has to do with the background: nothing, it shows that and nothing else, or it lies in a shadow on it. */
export const NO_GROUND: u8 = 0
export const GROUND: u8 = 1
export const GROUND_SHADE: u8 = 2

/** In pixels; channels are bytes a pixel. */
export let width: i32 = 0
export let height: i32 = 0
export let channels: i32 = 0
/** Distance between two samples, and of the first one from the border, in pixels. */
export let stridePx: i32 = 0
export let offsetPx: i32 = 0
export let columns: i32 = 0
export let rows: i32 = 0

/** `0xRRGGBB` of each sample, u32. */
export let rgb: usize = 0
/** OKLab of each sample, three f32 each. */
export let labs: usize = 0
/** Lightness above that of its mixture in steps of a shade, f32, and mixture, u16, of each sample. */
export let shades: usize = 0
export let mixtures: usize = 0
/** Node of each sample's own pixel, u16: the kernel's own work. While samples are mixed, whether they are doubtful. */
export let nodesOfSamples: usize = 0
/**
 * Nearest tone of each sample, or that of what it runs into where its colour is doubtful, u8: the kernel's own work, as the
 * mixtures and shades.
 */
export let nearestTones: usize = 0
/** Kind of each sample, and 1 for those of the background, u8. */
export let kinds: usize = 0
export let mask: usize = 0

/** The samples at edges, 4 bytes each: number, u32, the samples on both sides, its like, i32, share of the second, f32. */
export let edgeSamples: usize = 0
export let edgeFrom: usize = 0
export let edgeTo: usize = 0
export let edgeLike: usize = 0
export let edgeShares: usize = 0

/** The grid of cells of two by two samples. */
/** Samples along a side of a cell. */
export const CELL_SAMPLES: i32 = 2
export let gridColumns: i32 = 0
export let gridRows: i32 = 0
/** OKLab of each cell's smooth pixels, three f32, and the share of every tone, f32. */
export let cellLabs: usize = 0
export let cellShares: usize = 0
/** How freely each cell blends with the one at its left, f32, and then with the one above. */
export let cellOpenness: usize = 0
/** 1 for cells with enough smooth pixels to know their tones, u8; the one tone that a cell holds or -1, i8. */
export let knownCells: usize = 0
export let pureCells: usize = 0
/** 1 for cells of one exact colour, and for those of them whose neighbours are of the same, u8: the kernel's own work. */
export let uniformCells: usize = 0
export let flatCells: usize = 0

/** Numbers of samples that something is to be looked at, u32, two a sample at most; not while cells are in use. */
export let listed: usize = 0

/** Bytes of the pixels from one row of samples to the next, both included: the band. */
export let bandBytes: usize = 0
/** Nodes of the same pixels, u16. */
export let bandNodes: usize = 0
/** Number (row by row in the image) of the pixel that the band begins with. */
let bandOrigin: i32 = 0
/** Even runs of the band, line by line: how many there are in each, u32, and the runs in places of their own. */
export let lineCounts: usize = 0
export let lineRuns: usize = 0
/** What is taken out of the band: nodes of the pixels beside the runs, u16, and all runs one after the other. */
export let oddNodes: usize = 0
export let bandRuns: usize = 0

/** A run is its first pixel, the pixel behind its last, and its node, u32 each. */
export const RUN_BYTES: usize = 12

/** Bands begin at a multiple of so many pixels, so that they are copied word by word, a little before what they hold. */
const LEAD_PIXELS: usize = 8
/** A vector may go a little beyond. */
const SLACK_BYTES: usize = 64

/** Even runs of a line at most: after each there is at least one block that is not even. */
export function maxRunsALine(): usize {
  return (columns >> 1) + 2
}

/** Makes room for an image; where what lies is told by the addresses of this module. */
export function layOut(
  imageWidth: i32,
  imageHeight: i32,
  imageChannels: i32,
  stride: i32,
  offset: i32,
  sampleColumns: i32,
  sampleRows: i32,
): void {
  width = imageWidth
  height = imageHeight
  channels = imageChannels
  stridePx = stride
  offsetPx = offset
  columns = sampleColumns
  rows = sampleRows
  const samples: usize = sampleColumns * sampleRows
  // From one row of samples to the next; or the line of one, and those that it is compared with.
  const lines: usize = max(stride + 1, 3)
  const bandPixels: usize = lines * imageWidth + LEAD_PIXELS
  rgb = pixels
  labs = rgb + samples * 4
  shades = labs + samples * 12
  mixtures = shades + samples * 4
  nodesOfSamples = mixtures + samples * 2
  kinds = nodesOfSamples + samples * 2
  mask = kinds + samples
  nearestTones = mask + samples
  edgeSamples = (nearestTones + samples + 15) & ~15
  edgeFrom = edgeSamples + samples * 4
  edgeTo = edgeFrom + samples * 4
  edgeLike = edgeTo + samples * 4
  edgeShares = edgeLike + samples * 4
  gridColumns = (sampleColumns + 1) >> 1
  gridRows = (sampleRows + 1) >> 1
  const cells: usize = gridColumns * gridRows
  cellLabs = edgeShares + samples * 4
  cellShares = cellLabs + cells * 12
  listed = cellShares
  cellOpenness = cellShares + cells * MAX_TONES * 4
  knownCells = cellOpenness + cells * 8
  pureCells = knownCells + cells
  uniformCells = pureCells + cells
  flatCells = uniformCells + cells
  bandBytes = (flatCells + cells + 15) & ~15
  bandNodes = (bandBytes + bandPixels * imageChannels + SLACK_BYTES) & ~15
  oddNodes = (bandNodes + bandPixels * 2 + SLACK_BYTES) & ~15
  lineCounts = (oddNodes + bandPixels * 2 + SLACK_BYTES) & ~15
  lineRuns = lineCounts + lines * 4
  bandRuns = lineRuns + lines * maxRunsALine() * RUN_BYTES
  const end = bandRuns + lines * maxRunsALine() * RUN_BYTES
  growTo(end)
}

/** Says which pixel of the image the band begins with. */
export function moveBand(origin: i32): void {
  bandOrigin = origin
}

export function colourAt(at: usize): i32 {
  return ((<i32>load<u8>(at)) << 16) | ((<i32>load<u8>(at, 1)) << 8) | (<i32>load<u8>(at, 2))
}

/** Address of the bytes of a pixel (its number in the image) and of its node. */
export function bytesOf(pixel: i32): usize {
  return bandBytes + <usize>((pixel - bandOrigin) * channels)
}

export function nodeOf(pixel: i32): usize {
  return bandNodes + ((<usize>(pixel - bandOrigin)) << 1)
}

export function difference(one: i32, other: i32): i32 {
  const red = abs((one >> 16) - (other >> 16))
  const green = abs(((one >> 8) & 255) - ((other >> 8) & 255))
  const blue = abs((one & 255) - (other & 255))
  return max(red, max(green, blue))
}
