const FIRST_CAPACITY_BYTES = 65_536

/**
 * All bytes of a body, or null once there are more than `maxBytes`; the rest is then not read. The bytes go
 * into one growing buffer: a list of chunks would cost a sender of one-byte chunks nothing and us a hundred
 * times their size. `declaredBytes` is how many are to be expected, where the sender has said so.
 */
export async function readBody(
  body: AsyncIterable<unknown> | null,
  maxBytes: number,
  declaredBytes = Number.NaN,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const firstCapacity = declaredBytes > 0 ? declaredBytes : FIRST_CAPACITY_BYTES
  let bytes = new Uint8Array(Math.min(firstCapacity, maxBytes))
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
  return size === bytes.byteLength ? bytes : bytes.slice(0, size)
}

/** The first bytes of a body, `maxBytes` at most; of one that breaks off, what came until then. */
export async function readBodyStart(
  body: AsyncIterable<unknown> | null,
  maxBytes: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(maxBytes)
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      const piece = (chunk as Uint8Array).subarray(0, maxBytes - size)
      bytes.set(piece, size)
      size += piece.byteLength
      if (size === maxBytes) break
    }
  } catch {
    // Whoever wants only the start can do with less.
  }
  return bytes.subarray(0, size)
}
