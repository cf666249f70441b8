import { pixelKernel } from '../kernel.ts'

/** Larger results are not kept. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024

/**
 * Memory for the pixels of a result, with anything in it. It is the kernel's own, so that opaque pixels are painted
 * where they stay; and memory that was written before costs the system no page faults. A thread's next result or
 * analysis overwrites it, so it must have been encoded by then.
 */
export function takeOutput(byteLength: number): Uint8Array<ArrayBuffer> {
  if (byteLength > MAX_KEPT_BYTES) return new Uint8Array(byteLength)
  const kernel = pixelKernel()
  kernel.makeRoom(byteLength)
  return new Uint8Array(kernel.memory.buffer, kernel.pixels.value, byteLength)
}
