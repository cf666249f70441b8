import { crc32 } from 'node:zlib'
import { chunk, CHUNK_BYTES, CRC_BYTES, LENGTH_BYTES, SIGNATURE, TYPE_BYTES } from '../codec/png-chunks.ts'
import type { FileOutline } from '../protocol.ts'
import { pixelKernel, type KernelExports } from '../kernel.ts'

/** Tokens that the kernel takes at a time. */
const PART_TOKENS = 1 << 14

const IMAGE_DATA = Buffer.from('IDAT')
const END = chunk('IEND', Buffer.alloc(0))
const BITS_A_SAMPLE = 8
/** PNG's colour type of red, green and blue. */
const TRUECOLOUR = 2

/**
 * The PNG file of a variation (W3C PNG, third edition), by the outline that all variations of its image share and the
 * colours of its nodes, which the kernel has at `paintColours`. No pixel is painted for it: what repeats is copied by
 * whoever decodes it.
 */
export function writeVariationFile(
  width: number,
  height: number,
  { tokens, nodeSums }: FileOutline,
): Uint8Array<ArrayBuffer> {
  const kernel = pixelKernel()
  kernel.beginFile(nodeSums.length / 2)
  new Uint32Array(kernel.memory.buffer, kernel.fileSums.value, nodeSums.length).set(nodeSums)
  eachPart(kernel, tokens, (count) => kernel.countTokens(count))
  const streamBytes = kernel.openFile()
  const header = chunk('IHDR', imageHeader(width, height))
  const file = new Uint8Array(SIGNATURE.length + header.length + CHUNK_BYTES + streamBytes + END.length)
  const words = new DataView(file.buffer)
  file.set(SIGNATURE)
  file.set(header, SIGNATURE.length)
  let at = SIGNATURE.length + header.length
  words.setUint32(at, streamBytes)
  const type = at + LENGTH_BYTES
  file.set(IMAGE_DATA, type)
  at = type + TYPE_BYTES
  const take = (bytes: number) => {
    file.set(new Uint8Array(kernel.memory.buffer, kernel.fileBytes.value, bytes), at)
    at += bytes
  }
  eachPart(kernel, tokens, (count) => take(kernel.writeTokens(count)))
  take(kernel.closeFile(height * (1 + 3 * width)))
  words.setUint32(at, crc32(file.subarray(type, at)))
  file.set(END, at + CRC_BYTES)
  return file
}

/** Hands in the tokens part by part. */
function eachPart(kernel: KernelExports, tokens: Uint32Array, take: (count: number) => void): void {
  for (let first = 0; first < tokens.length; first += PART_TOKENS) {
    const part = tokens.subarray(first, first + PART_TOKENS)
    new Uint32Array(kernel.memory.buffer, kernel.fileTokens.value, part.length).set(part)
    take(part.length)
  }
}

function imageHeader(width: number, height: number): Buffer {
  // The last three: deflate, the five filters, no interlacing.
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, BITS_A_SAMPLE, TRUECOLOUR, 0, 0, 0])
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  return header
}
