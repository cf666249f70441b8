import { deflateSync } from 'node:zlib'
import { pngChunk } from '../../setup/png-file.ts'

export const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
export const END = pngChunk('IEND', Buffer.alloc(0))

/** What each of PNG's five filters foretells by the byte on the left, the one above, and the one above on the left. */
const FILTERS: readonly ((left: number, up: number, upLeft: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => Math.floor((left + up) / 2),
  (left, up, upLeft) => {
    const guess = left + up - upLeft
    const [byLeft, byUp, byUpLeft] = [left, up, upLeft].map((value) => Math.abs(guess - value))
    if (byLeft! <= byUp! && byLeft! <= byUpLeft!) return left
    return byUp! <= byUpLeft! ? up : upLeft
  },
]

export type Drawn = {
  readonly width: number
  readonly channels: 3 | 4
  readonly pixels: Uint8Array
  /** The filter of each row, over and over. */
  readonly filters: readonly number[]
}

/** The bytes of a PNG's rows before they are compressed. */
export function filteredRows({ width, channels, pixels, filters }: Drawn): Buffer {
  const rowBytes = width * channels
  const rows = Buffer.alloc((pixels.length / rowBytes) * (1 + rowBytes))
  for (let at = 0, to = 0; at < pixels.length; at++) {
    const x = at % rowBytes
    if (x === 0) rows[to++] = filterOf(at / rowBytes, filters)
    const left = x < channels ? 0 : pixels[at - channels]!
    const up = at < rowBytes ? 0 : pixels[at - rowBytes]!
    const upLeft = at < rowBytes || x < channels ? 0 : pixels[at - rowBytes - channels]!
    const foretold = FILTERS[filterOf(Math.floor(at / rowBytes), filters)]!(left, up, upLeft)
    rows[to++] = (pixels[at]! - foretold) & 0xff
  }
  return rows
}

const filterOf = (row: number, filters: readonly number[]) => filters[row % filters.length]!

export function headerChunk(drawn: Drawn, bitDepth = 8, colourType = drawn.channels === 3 ? 2 : 6): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, bitDepth, colourType, 0, 0, 0])
  header.writeUInt32BE(drawn.width)
  header.writeUInt32BE(drawn.pixels.length / drawn.channels / drawn.width, 4)
  return pngChunk('IHDR', header)
}

/** A PNG whose rows have the filters that are asked for. */
export function filteredPng(drawn: Drawn, level = 6): Buffer {
  const data = deflateSync(filteredRows(drawn), { level })
  return Buffer.concat([SIGNATURE, headerChunk(drawn), pngChunk('IDAT', data), END])
}
