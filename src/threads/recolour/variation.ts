import { labOfRgb } from '../colour/oklab.ts'
import { rgbOfHex } from '../colour/srgb.ts'
import type { Raster } from '../codec/encode.ts'
import type { PaletteColors, RegionAnalysis, SharedImage } from '../protocol.ts'
import { assignColours } from './assignment.ts'
import { RUN_FIELDS } from './even-runs.ts'
import { buildNodeColours } from './node-colours.ts'

/**
 * Recolours an image with a palette; `strength` 0 gives the pixels back as they are, 1 recolours in full. The
 * result lies in `target` when that is given, which must have as many bytes as the image: memory that is used
 * again spares the system from clearing it.
 */
export function recolour(
  image: SharedImage,
  regions: RegionAnalysis,
  colors: PaletteColors,
  strength: number,
  target?: Uint8Array<ArrayBuffer>,
): Raster {
  const { width, height, channels } = image
  const source = new Uint8Array(image.pixels)
  if (strength <= 0 || regions.tones.length === 0) return { width, height, channels, pixels: source }
  const rgbs = colors.map((hex) => rgbOfHex(hex))
  const palette = rgbs.map((rgb) => labOfRgb(...rgb))
  const assigned = assignColours(regions.tones, regions.hasBackground, regions.adjacency, palette)
  const colours = buildNodeColours(
    regions.nodes,
    regions.tones,
    regions.hasBackground,
    assigned,
    palette,
    rgbs,
  )
  const pixels = target ?? new Uint8Array(width * height * channels)
  if (channels === 3) paintOpaque(pixels, regions.nodeOfPixel, regions.evenRuns, colours)
  else paintTransparent(pixels, regions.nodeOfPixel, colours, source)
  if (strength < 1) {
    for (let at = 0; at < pixels.length; at++) {
      pixels[at] = Math.round(source[at]! + (pixels[at]! - source[at]!) * strength)
    }
  }
  return { width, height, channels, pixels }
}

/** Paints even runs at a stroke, and what lies between them pixel by pixel. */
function paintOpaque(
  pixels: Uint8Array<ArrayBuffer>,
  nodeOfPixel: Uint16Array,
  evenRuns: Uint32Array,
  colours: Uint32Array,
): void {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length >> 2)
  let painted = 0
  for (let run = 0; run < evenRuns.length; run += RUN_FIELDS) {
    const start = evenRuns[run]!
    const end = evenRuns[run + 1]!
    paintPixels(words, nodeOfPixel, colours, painted, start)
    paintRun(words, colours[evenRuns[run + 2]!]!, start, end)
    painted = end
  }
  const inWords = nodeOfPixel.length & ~3
  paintPixels(words, nodeOfPixel, colours, painted, inWords)
  for (let pixel = Math.max(painted, inWords); pixel < nodeOfPixel.length; pixel++) {
    const colour = colours[nodeOfPixel[pixel]!]!
    pixels[pixel * 3] = colour & 255
    pixels[pixel * 3 + 1] = (colour >> 8) & 255
    pixels[pixel * 3 + 2] = colour >> 16
  }
}

/** Four pixels make three words. Words are little-endian, as on every machine that Node.js runs on. */
function paintPixels(
  words: Uint32Array,
  nodeOfPixel: Uint16Array,
  colours: Uint32Array,
  start: number,
  end: number,
): void {
  for (let pixel = start, word = (start >> 2) * 3; pixel < end; pixel += 4, word += 3) {
    const one = colours[nodeOfPixel[pixel]!]!
    const two = colours[nodeOfPixel[pixel + 1]!]!
    const three = colours[nodeOfPixel[pixel + 2]!]!
    const four = colours[nodeOfPixel[pixel + 3]!]!
    words[word] = one | (two << 24)
    words[word + 1] = (two >>> 8) | (three << 16)
    words[word + 2] = (three >>> 16) | (four << 8)
  }
}

/** What is painted of a run word by word; the rest is copied from it. */
const COPIED_WORDS = 96
/** A copy reads at most this far back, so that what it reads is at hand. */
const MAX_COPY_WORDS = 3072

function paintRun(words: Uint32Array, colour: number, start: number, end: number): void {
  const first = colour | (colour << 24)
  const second = (colour >>> 8) | (colour << 16)
  const third = (colour >>> 16) | (colour << 8)
  const from = (start >> 2) * 3
  const last = (end >> 2) * 3
  const painted = last - from < 2 * COPIED_WORDS ? last : from + COPIED_WORDS
  for (let word = from; word < painted; word += 3) {
    words[word] = first
    words[word + 1] = second
    words[word + 2] = third
  }
  for (let word = painted; word < last;) {
    const length = Math.min(word - from, last - word, MAX_COPY_WORDS)
    words.copyWithin(word, from, from + length)
    word += length
  }
}

/** The alpha of every pixel stays. */
function paintTransparent(
  pixels: Uint8Array<ArrayBuffer>,
  nodeOfPixel: Uint16Array,
  colours: Uint32Array,
  source: Uint8Array,
): void {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, nodeOfPixel.length)
  for (let pixel = 0; pixel < words.length; pixel++) {
    words[pixel] = colours[nodeOfPixel[pixel]!]! | (source[pixel * 4 + 3]! << 24)
  }
}
