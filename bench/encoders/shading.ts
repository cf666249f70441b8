import type { Raster } from '../../src/threads/codec/raster.ts'

/** A flat logo is of even fields; a shaded picture has colours that change gently. */
export type Shading = 'flat' | 'shaded'

/** From one pixel to the next parts change by at most this much (0 to 255) where a picture is shaded. */
const GENTLE_STEP = 4
/** From this share of such pixels on a picture counts as shaded; antialiased edges alone stay far below. */
const MIN_GENTLE_SHARE = 0.01

export function shadingOf({ channels, pixels }: Raster): Shading {
  let gentle = 0
  for (let at = channels; at < pixels.length; at += channels) {
    let step = 0
    for (let part = 0; part < 3; part++) {
      step = Math.max(step, Math.abs(pixels[at + part]! - pixels[at + part - channels]!))
    }
    if (step > 0 && step <= GENTLE_STEP) gentle++
  }
  return (gentle * channels) / pixels.length < MIN_GENTLE_SHARE ? 'flat' : 'shaded'
}
