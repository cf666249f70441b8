import type { SharedImage } from '../protocol.ts'

/** Pixels in own or in shared memory: 8-bit sRGB, interleaved, rows from the top, alpha not premultiplied. */
export type Raster = {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  /** `width * height * channels` bytes. */
  readonly pixels: Uint8Array
}

/** Copies pixels to memory that all threads share. */
export function shareRaster({ width, height, channels, pixels }: Raster): SharedImage {
  const shared = new Uint8Array(new SharedArrayBuffer(pixels.length))
  shared.set(pixels)
  return { width, height, channels, pixels: shared }
}
