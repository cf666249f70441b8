import { labOfRgb } from '../colour/oklab.ts'
import type { SharedImage } from '../protocol.ts'

/** Every colour of an image under a number, and the number of every pixel. */
export type ColourIndex = {
  readonly width: number
  readonly height: number
  /** The number of each pixel's colour. */
  readonly ofPixel: Uint16Array
  readonly count: number
  /** `0xRRGGBB` of each number; the first pixel's colour where several colours share a number. */
  readonly rgb: Uint32Array
  /** OKLab of each number, three values each. */
  readonly labs: Float64Array
}

const MAX_COLOURS = 1 << 16
/** Twice the number of colours, so that a probe rarely meets another entry. */
const SLOT_BITS = 17
const HASH_FACTOR = 0x9e3779b1

/**
 * Numbers the colours of an image. An image with more than 65,536 colours (a photograph, noise) gives one
 * number to colours that differ only in the lowest bit of a part, or the lowest two or three.
 */
export function indexColours(image: SharedImage): ColourIndex {
  for (let droppedBits = 0; ; droppedBits++) {
    const index = tryIndex(image, droppedBits)
    if (index) return index
  }
}

/** The index, or undefined when there are too many colours; with three bits dropped there never are. */
function tryIndex(image: SharedImage, droppedBits: number): ColourIndex | undefined {
  const { width, height, channels } = image
  const pixels = new Uint8Array(image.pixels)
  const ofPixel = new Uint16Array(width * height)
  const slotKey = new Int32Array(1 << SLOT_BITS).fill(-1)
  const slotNumber = new Uint16Array(1 << SLOT_BITS)
  const rgb = new Uint32Array(MAX_COLOURS)
  const partMask = (0xff << droppedBits) & 0xff
  const mask = (partMask << 16) | (partMask << 8) | partMask
  let count = 0
  let lastKey = -1
  let lastNumber = 0
  for (let pixel = 0, at = 0; pixel < ofPixel.length; pixel++, at += channels) {
    const colour = (pixels[at]! << 16) | (pixels[at + 1]! << 8) | pixels[at + 2]!
    const key = colour & mask
    if (key !== lastKey) {
      lastKey = key
      let slot = Math.imul(key, HASH_FACTOR) >>> (32 - SLOT_BITS)
      while (slotKey[slot] !== key && slotKey[slot] !== -1) slot = (slot + 1) & ((1 << SLOT_BITS) - 1)
      if (slotKey[slot] === -1) {
        if (count === MAX_COLOURS) return undefined
        slotKey[slot] = key
        slotNumber[slot] = count
        rgb[count++] = colour
      }
      lastNumber = slotNumber[slot]!
    }
    ofPixel[pixel] = lastNumber
  }
  const used = rgb.slice(0, count)
  return { width, height, ofPixel, count, rgb: used, labs: labsOf(used) }
}

function labsOf(rgb: Uint32Array): Float64Array {
  const labs = new Float64Array(rgb.length * 3)
  for (let colour = 0; colour < rgb.length; colour++) {
    const value = rgb[colour]!
    const lab = labOfRgb(value >> 16, (value >> 8) & 255, value & 255)
    labs[colour * 3] = lab[0]
    labs[colour * 3 + 1] = lab[1]
    labs[colour * 3 + 2] = lab[2]
  }
  return labs
}

/** The largest difference of a part between two `0xRRGGBB` colours, 0 to 255. */
export function partDifference(one: number, other: number): number {
  const red = Math.abs((one >> 16) - (other >> 16))
  const green = Math.abs(((one >> 8) & 255) - ((other >> 8) & 255))
  const blue = Math.abs((one & 255) - (other & 255))
  return Math.max(red, green, blue)
}

/** The sum of the differences of all parts between two `0xRRGGBB` colours, 0 to 765. */
export function totalDifference(one: number, other: number): number {
  return (
    Math.abs((one >> 16) - (other >> 16)) +
    Math.abs(((one >> 8) & 255) - ((other >> 8) & 255)) +
    Math.abs((one & 255) - (other & 255))
  )
}
