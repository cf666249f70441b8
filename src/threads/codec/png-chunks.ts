import { crc32 } from 'node:zlib'

export const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')

/** A chunk has its length before its type, and a checksum of type and data behind. */
export const LENGTH_BYTES = 4
export const TYPE_BYTES = 4
export const CRC_BYTES = 4
export const CHUNK_BYTES = LENGTH_BYTES + TYPE_BYTES + CRC_BYTES

/** A chunk of a PNG file (W3C PNG, third edition). */
export type Chunk = {
  readonly type: string
  readonly data: Uint8Array
  /** The whole of it. */
  readonly bytes: Uint8Array
}

/** The chunk with that data. */
export function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(CHUNK_BYTES + data.length)
  bytes.writeUInt32BE(data.length)
  bytes.write(type, LENGTH_BYTES, 'latin1')
  bytes.set(data, LENGTH_BYTES + TYPE_BYTES)
  bytes.writeUInt32BE(crc32(bytes.subarray(LENGTH_BYTES, -CRC_BYTES)), bytes.length - CRC_BYTES)
  return bytes
}

/** A file of 32 MiB has half as many where each is of 8 KiB, the least that usual programs write. */
const MAX_CHUNKS = 8192

/**
 * The chunks of a PNG file up to its end; undefined where it is another file, a checksum is wrong, the end is missing, or
 * chunks are far too many.
 */
export function readChunks(file: Uint8Array): Chunk[] | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined
  const chunks: Chunk[] = []
  let at = SIGNATURE.length
  while (at + CHUNK_BYTES <= bytes.length && chunks.length < MAX_CHUNKS) {
    const end = at + CHUNK_BYTES + bytes.readUInt32BE(at)
    if (end > bytes.length) return undefined
    const typeAt = at + LENGTH_BYTES
    const crcAt = end - CRC_BYTES
    if (crc32(bytes.subarray(typeAt, crcAt)) !== bytes.readUInt32BE(crcAt)) return undefined
    const type = bytes.toString('latin1', typeAt, typeAt + TYPE_BYTES)
    const data = bytes.subarray(typeAt + TYPE_BYTES, crcAt)
    chunks.push({ type, data, bytes: bytes.subarray(at, end) })
    if (type === 'IEND') return chunks
    at = end
  }
  return undefined
}
