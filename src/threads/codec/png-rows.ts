import { inflateSync } from 'node:zlib'
import { pixelKernel } from '../kernel.ts'

/** Filtered rows that the kernel takes at a time. */
const PART_BYTES = 1 << 18
/** A buffer that is filled to its end makes zlib take another. */
const SPARE_BYTES = 64

/** How the rows of an image lie in a PNG file: so many, of so many pixels with as many bytes. */
export type Rows = {
  readonly width: number
  readonly height: number
  readonly pixelBytes: number
}

/**
 * The pixels of a zlib stream of filtered rows, in no more memory than the stream takes. Undefined where the stream is no
 * such one, does not fit the size, or ends before its bytes do.
 */
export function readRows(stream: Uint8Array, { width, height, pixelBytes }: Rows): Uint8Array | undefined {
  const rowBytes = width * pixelBytes
  const bytes = inflated(stream, height * (1 + rowBytes))
  return bytes && unfiltered(bytes, rowBytes, height, pixelBytes)
}

/** What zlib makes of a stream, where that is so many bytes and takes all of the stream. */
function inflated(stream: Uint8Array, byteLength: number): Uint8Array | undefined {
  try {
    const options = { info: true, chunkSize: byteLength + SPARE_BYTES, maxOutputLength: byteLength }
    const { buffer, engine } = inflateSync(stream, options) as unknown as Inflated
    if (buffer.length !== byteLength || engine.bytesWritten !== stream.length) return undefined
    return buffer
  } catch {
    return undefined
  }
}

/** What `inflateSync` answers with when asked for more than the bytes. */
type Inflated = {
  readonly buffer: Buffer
  /** `bytesWritten`: bytes of the stream that were taken in. */
  readonly engine: { readonly bytesWritten: number }
}

/** Brings the pixels of filtered rows to the beginning of the memory that these lie in. */
function unfiltered(
  bytes: Uint8Array,
  rowBytes: number,
  height: number,
  pixelBytes: number,
): Uint8Array | undefined {
  const kernel = pixelKernel()
  const filteredBytes = 1 + rowBytes
  const most = Math.max(1, Math.floor(PART_BYTES / filteredBytes))
  kernel.openRows(Math.min(most, height), rowBytes)
  const memory = new Uint8Array(kernel.memory.buffer, kernel.pixels.value)
  memory.fill(0, 0, rowBytes)
  for (let row = 0; row < height; row += most) {
    const count = Math.min(most, height - row)
    memory.set(bytes.subarray(row * filteredBytes, (row + count) * filteredBytes), rowBytes)
    if (kernel.unfilter(count, rowBytes, pixelBytes) === 0) return undefined
    bytes.set(memory.subarray(rowBytes, (1 + count) * rowBytes), row * rowBytes)
    kernel.keepLastRow(count, rowBytes)
  }
  return bytes.subarray(0, height * rowBytes)
}
