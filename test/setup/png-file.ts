import { deflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** Where what follows the header begins. */
const AFTER_HEADER = SIGNATURE.length + 25

/** A PNG built chunk by chunk, so that its header can say what it likes; its pixels are black, as far as they go. */
export function buildPng(
  width: number,
  height: number,
  options: { bitDepth?: number; colourType?: number; maxDataBytes?: number } = {},
): Buffer {
  const bitDepth = options.bitDepth ?? 1
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = bitDepth
  header[9] = options.colourType ?? 0
  const row = 1 + Math.ceil((width * bitDepth) / 8)
  const data = deflateSync(Buffer.alloc(Math.min(row * height, options.maxDataBytes ?? 2_000_000)), {
    level: 9,
  })
  return Buffer.concat([
    SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** 256 megapixels in 31 KB, all of them there. */
export function pixelBomb(): Buffer {
  return buildPng(16_000, 16_000, { maxDataBytes: Infinity })
}

/** The same PNG with more chunks between its header and its pixels. */
export function withChunks(png: Buffer, ...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, AFTER_HEADER), ...chunks, png.subarray(AFTER_HEADER)])
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  return crc
})

/** CRC-32 as PNG has it; zlib's own is newer than the oldest Node that is supported. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff]!
  return (crc ^ 0xffffffff) >>> 0
}
