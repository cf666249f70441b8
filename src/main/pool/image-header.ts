import { imageKindOf } from '../../processors/image-kind.ts'

/** What an image file says of itself. */
export type ImageSize = {
  readonly pixels: number
  /** 4 where there may be transparency. */
  readonly channels: 3 | 4
}

/**
 * Reads from the first bytes of a PNG, JPEG or WebP file how large its picture claims to be; null where they do not
 * say. Memory is set aside by it before a thread decodes the picture, and nothing else: whether the claim is true, and
 * whether it is within the limits, is the decoder's to say.
 */
export function claimedSize(encoded: Uint8Array): ImageSize | null {
  const file = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  switch (imageKindOf(encoded)) {
    case 'image/png':
      return pngSize(file)
    case 'image/jpeg':
      return jpegSize(file)
    case 'image/webp':
      return webpSize(file)
    case null:
      return null
  }
}

/**
 * So many parts of a file are looked at on the way to what is asked for. Pictures have some dozens; a hostile file could
 * have millions, and keep the main thread for half a second.
 */
const MAX_PARTS = 10_000

const PNG_FIRST_CHUNK = 8
const PNG_HEADER_BYTES = 33
const PNG_ALPHA_BIT = 4

function pngSize(file: Buffer): ImageSize | null {
  if (file.length < PNG_HEADER_BYTES || chunkType(file, PNG_FIRST_CHUNK + 4) !== 'IHDR') return null
  const hasAlpha = (file[25]! & PNG_ALPHA_BIT) !== 0 || hasTransparentColour(file)
  return { pixels: file.readUInt32BE(16) * file.readUInt32BE(20), channels: hasAlpha ? 4 : 3 }
}

/** Whether one of the chunks before the pixels says which colour is transparent, or may say so. */
function hasTransparentColour(file: Buffer): boolean {
  let parts = 0
  for (let at = PNG_HEADER_BYTES; at + 8 <= file.length; at += file.readUInt32BE(at) + 12) {
    if (++parts > MAX_PARTS) return true
    const type = chunkType(file, at + 4)
    if (type === 'tRNS') return true
    if (type === 'IDAT') return false
  }
  return false
}

/** Frame headers are C0 to CF, but for tables of Huffman codes, an extension, and arithmetic conditioning. */
const isFrameHeader = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
/** Restarts, and the one that is for private use: nothing comes with them. */
const isAlone = (marker: number) => (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01
const END_OF_IMAGE = 0xd9
const START_OF_SCAN = 0xda

/** From segment to segment up to the frame's header. What lies between two segments is passed over, as decoders do. */
function jpegSize(file: Buffer): ImageSize | null {
  let at = 2
  for (let parts = 0; at < file.length && parts < MAX_PARTS; parts++) {
    at = file.indexOf(0xff, at)
    if (at < 0) return null
    const marker = file[++at] ?? END_OF_IMAGE
    // One that fills up: the marker comes behind it.
    if (marker === 0xff) continue
    at++
    if (marker === 0 || isAlone(marker)) continue
    if (marker === END_OF_IMAGE || marker === START_OF_SCAN || at + 2 > file.length) return null
    if (isFrameHeader(marker)) {
      if (at + 7 > file.length) return null
      return { pixels: file.readUInt16BE(at + 3) * file.readUInt16BE(at + 5), channels: 3 }
    }
    at += file.readUInt16BE(at)
  }
  return null
}

const WEBP_FIRST_CHUNK = 12
const WEBP_HEADER_BYTES = 30

function webpSize(file: Buffer): ImageSize | null {
  if (file.length < WEBP_HEADER_BYTES) return null
  const area = (width: number, height: number) => width * height
  switch (chunkType(file, WEBP_FIRST_CHUNK)) {
    case 'VP8 ':
      return { pixels: area(file.readUInt16LE(26) & 0x3fff, file.readUInt16LE(28) & 0x3fff), channels: 3 }
    case 'VP8L': {
      const bits = file.readUInt32LE(21)
      const pixels = area((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
      return { pixels, channels: (bits & 0x1000_0000) === 0 ? 3 : 4 }
    }
    case 'VP8X':
      // Its flags are no promise: the pictures behind it may have transparency all the same.
      return { pixels: area(file.readUIntLE(24, 3) + 1, file.readUIntLE(27, 3) + 1), channels: 4 }
    default:
      return null
  }
}

function chunkType(file: Buffer, at: number): string {
  return file.toString('latin1', at, at + 4)
}
