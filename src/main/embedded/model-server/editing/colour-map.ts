import { oklchToRgb, rgbToOklch, type Oklch } from '../drawing/colour-space.ts'
import type { Canvas } from './canvas.ts'

/** What becomes of a colour. */
export type ColourChange = (color: Oklch) => Oklch

/** Grid points a side of the table. */
const SIDE = 33

/**
 * Changes every colour of the canvas. The change is worked out for a grid of 33 x 33 x 33 colours and taken from
 * it by trilinear interpolation, so that it may be as costly as it likes.
 */
export function mapColours(canvas: Canvas, change: ColourChange): Canvas {
  const table = tableOf(change)
  const { pixels } = canvas
  const out = Buffer.allocUnsafe(pixels.length)
  const step = (SIDE - 1) / 255
  for (let i = 0; i < pixels.length; i += 3) {
    const r = pixels[i]! * step
    const g = pixels[i + 1]! * step
    const b = pixels[i + 2]! * step
    const r0 = Math.min(SIDE - 2, Math.floor(r))
    const g0 = Math.min(SIDE - 2, Math.floor(g))
    const b0 = Math.min(SIDE - 2, Math.floor(b))
    const fr = r - r0
    const fg = g - g0
    const fb = b - b0
    const base = ((r0 * SIDE + g0) * SIDE + b0) * 3
    for (let channel = 0; channel < 3; channel++) {
      const at = base + channel
      const near = blend(table, at, fg, fb)
      const far = blend(table, at + SIDE * SIDE * 3, fg, fb)
      out[i + channel] = near + (far - near) * fr + 0.5
    }
  }
  return { ...canvas, pixels: out }
}

/** The blend of the four grid points of one plane. */
function blend(table: Float32Array, at: number, fg: number, fb: number): number {
  const low = table[at]! + (table[at + 3]! - table[at]!) * fb
  const row = at + SIDE * 3
  const high = table[row]! + (table[row + 3]! - table[row]!) * fb
  return low + (high - low) * fg
}

function tableOf(change: ColourChange): Float32Array {
  const table = new Float32Array(SIDE ** 3 * 3)
  let at = 0
  for (let r = 0; r < SIDE; r++) {
    for (let g = 0; g < SIDE; g++) {
      for (let b = 0; b < SIDE; b++) {
        const changed = change(rgbToOklch([r / (SIDE - 1), g / (SIDE - 1), b / (SIDE - 1)]))
        for (const value of oklchToRgb(changed)) table[at++] = value * 255
      }
    }
  }
  return table
}
