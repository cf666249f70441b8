import { readChunks, SIGNATURE, type Chunk } from './png-chunks.ts'
import { readRows } from './png-rows.ts'

/** A PNG file that holds 8-bit red, green and blue, with or without alpha, and nothing that changes how they look. */
export type PlainPng = {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  /** `width * height * channels` bytes: 8-bit sRGB, interleaved, rows from the top, alpha not premultiplied. */
  readonly pixels: Uint8Array
  /** What of the file the pixels are in. */
  readonly chunks: readonly Chunk[]
  /** What its writer says of the compression (RFC 1950, `FLEVEL`): 0 for the fastest, 3 for the strongest. */
  readonly effort: number
}

const HEADER_BYTES = 13
const BITS_A_SAMPLE = 8
/** PNG's colour types of red, green and blue, and of these with alpha. */
const CHANNELS: Readonly<Partial<Record<number, 3 | 4>>> = { 2: 3, 6: 4 }

/** A zlib stream has its writer's effort in the two highest bits of its second byte. */
const EFFORT_SHIFT = 6

/** Chunks without which the pixels are the same. */
const WITHOUT_EFFECT = new Set(['pHYs', 'sRGB', 'tIME', 'tEXt', 'zTXt', 'iTXt'])
/** Some programs keep a colour profile or the orientation in a text of this name. */
const RAW_PROFILE = Buffer.from('Raw profile')

/**
 * Reads a PNG file in the thread itself, where it is a plain one; undefined where it is not, or is damaged in any way: what
 * it is then, libvips says. To hand a picture to libvips, from thread to thread, and back takes as long as to read it.
 */
export function readPlainPng(file: Uint8Array): PlainPng | undefined {
  const chunks = readChunks(file)
  if (!chunks) return undefined
  const header = chunks[0]!
  const channels = channelsOf(header)
  if (channels === undefined) return undefined
  const first = chunks.findIndex(isImageData)
  const last = chunks.findLastIndex(isImageData)
  const data = chunks.slice(first, last + 1)
  const others = [...chunks.slice(1, first), ...chunks.slice(last + 1, -1)]
  if (first < 0 || !data.every(isImageData) || !others.every(isWithoutEffect)) return undefined
  const words = new DataView(header.data.buffer, header.data.byteOffset, HEADER_BYTES)
  const [width, height] = [words.getUint32(0), words.getUint32(4)]
  if (width === 0 || height === 0) return undefined
  const stream = Buffer.concat(data.map((each) => each.data))
  const pixels = readRows(stream, { width, height, pixelBytes: channels })
  if (!pixels) return undefined
  const effort = stream[1]! >> EFFORT_SHIFT
  return { width, height, channels, pixels, chunks: [header, ...data, chunks.at(-1)!], effort }
}

/** The file that has these pixels and nothing else. */
export function writePlainPng({ chunks }: PlainPng): Uint8Array<ArrayBuffer> {
  const parts = [SIGNATURE, ...chunks.map(({ bytes }) => bytes)]
  const file = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    file.set(part, at)
    at += part.length
  }
  return file
}

/** How many channels an image has by its header; undefined where it is not plain. */
function channelsOf({ type, data }: Chunk): 3 | 4 | undefined {
  if (type !== 'IHDR' || data.length !== HEADER_BYTES) return undefined
  const [bits, colourType, compression, filters, interlacing] = data.subarray(8)
  if (bits !== BITS_A_SAMPLE || compression !== 0 || filters !== 0 || interlacing !== 0) return undefined
  return CHANNELS[colourType!]
}

function isImageData({ type }: Chunk): boolean {
  return type === 'IDAT'
}

function isWithoutEffect({ type, data }: Chunk): boolean {
  return WITHOUT_EFFECT.has(type) && !RAW_PROFILE.equals(data.subarray(0, RAW_PROFILE.length))
}
