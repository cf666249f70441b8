/** Buffers beyond this are not kept. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024

/**
 * Memory for the pixels of one result after the other: a buffer that was written before costs the system no
 * page faults. Each result is overwritten by the next, so it must have been encoded by then.
 */
export class OutputBuffer {
  #kept = new Uint8Array(0)

  /** A buffer of this length with anything in it; it is good until the next call. */
  take(byteLength: number): Uint8Array<ArrayBuffer> {
    if (byteLength > MAX_KEPT_BYTES) return new Uint8Array(byteLength)
    if (byteLength > this.#kept.length) this.#kept = new Uint8Array(byteLength)
    return this.#kept.subarray(0, byteLength)
  }
}
