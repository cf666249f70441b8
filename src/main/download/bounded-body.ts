import type { ReadableStream } from 'node:stream/web'

const FIRST_CAPACITY_BYTES = 65_536

/**
 * All bytes of a body, or null once there are more than `maxBytes`; the rest is then not read. The bytes go
 * into one growing buffer: a list of chunks would cost a sender of one-byte chunks nothing and us a hundred
 * times their size.
 */
export async function readBody(body: ReadableStream | null, maxBytes: number): Promise<Uint8Array | null> {
  let bytes = new Uint8Array(Math.min(FIRST_CAPACITY_BYTES, maxBytes))
  let size = 0
  for await (const chunk of body ?? []) {
    const piece = chunk as Uint8Array
    const needed = size + piece.byteLength
    if (needed > maxBytes) return null
    if (needed > bytes.byteLength) {
      const grown = new Uint8Array(Math.min(maxBytes, Math.max(needed, 2 * bytes.byteLength)))
      grown.set(bytes.subarray(0, size))
      bytes = grown
    }
    bytes.set(piece, size)
    size = needed
  }
  return bytes.slice(0, size)
}
