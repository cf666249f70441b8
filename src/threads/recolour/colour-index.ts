import type { SharedImage } from '../protocol.ts'

/** Every colour of an image under a number, and the number of every pixel. */
export type ColourIndex = {
  /** One number a pixel. */
  readonly ofPixel: Uint16Array
  /** Shared memory behind `ofPixel`. */
  readonly buffer: SharedArrayBuffer
  /** `0xRRGGBB` of each number; the first pixel's colour where several colours share a number. */
  readonly rgb: Uint32Array
  readonly count: number
}

const MAX_COLOURS = 1 << 16
/** Twice the number of colours, so that a probe rarely meets another entry. */
const SLOTS = 1 << 17

/**
 * Numbers the colours of an image. An image with more than 65,536 colours (a photograph, noise) gives one
 * number to colours that differ only in the lowest bit of a part, or the lowest two.
 */
export function indexColours(image: SharedImage): ColourIndex {
  for (let droppedBits = 0; ; droppedBits++) {
    const index = tryIndex(image, droppedBits)
    if (index) return index
  }
}

/** The index, or undefined when there are too many colours; from three bits on there never are. */
function tryIndex(image: SharedImage, droppedBits: number): ColourIndex | undefined {
  const { channels } = image
  const pixels = new Uint8Array(image.pixels)
  const pixelCount = image.width * image.height
  const buffer = new SharedArrayBuffer(pixelCount * 2)
  const ofPixel = new Uint16Array(buffer)
  const slotKey = new Int32Array(SLOTS).fill(-1)
  const slotNumber = new Uint16Array(SLOTS)
  const rgb = new Uint32Array(MAX_COLOURS)
  const partMask = (0xff << droppedBits) & 0xff
  const mask = (partMask << 16) | (partMask << 8) | partMask
  let count = 0
  let lastKey = -1
  let lastNumber = 0
  for (let pixel = 0, at = 0; pixel < pixelCount; pixel++, at += channels) {
    const colour = (pixels[at]! << 16) | (pixels[at + 1]! << 8) | pixels[at + 2]!
    const key = colour & mask
    if (key !== lastKey) {
      lastKey = key
      let slot = Math.imul(key, 0x9e3779b1) >>> 15
      while (slotKey[slot] !== key && slotKey[slot] !== -1) slot = (slot + 1) & (SLOTS - 1)
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
  return { ofPixel, buffer, rgb: rgb.slice(0, count), count }
}
