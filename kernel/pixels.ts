/** The largest part of the memory: pixels of the image that is analysed, or of the result that is painted. */

/** Where they lie. */
export const pixels: usize = (__heap_base + 15) & ~15

/** Makes room for so many bytes of pixels. */
export function makeRoom(bytes: i32): void {
  growTo(pixels + <usize>bytes)
}

/** Takes so much memory that it reaches to an address. */
export function growTo(end: usize): void {
  const missing = (<isize>end - ((<isize>memory.size()) << 16) + 0xffff) >> 16
  if (missing > 0 && memory.grow(<i32>missing) < 0) unreachable()
}
