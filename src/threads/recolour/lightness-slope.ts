import { lightnessOf } from '../colour/lab-table.ts'
import { FIXED_ONE, SHADE_STEPS } from './node-table.ts'

/** Width of the differences from which the slope is taken. */
const SPAN = 8

/**
 * OKLab lightness of colours near a given one, as a sum over their parts: `base + red * r + green * g + blue * b`,
 * in steps of a shade times FIXED_ONE, whole numbers all. It is meant for the few colours of a smooth block; the
 * farther from the given one, the less exact.
 */
export class LightnessSlope {
  base = 0
  red = 0
  green = 0
  blue = 0

  /** Takes the slope at a `0xRRGGBB` colour. */
  setAt(rgb: number): void {
    const red = rgb >> 16
    const green = (rgb >> 8) & 255
    const blue = rgb & 255
    const r = Math.min(255 - SPAN / 2, Math.max(SPAN / 2, red))
    const g = Math.min(255 - SPAN / 2, Math.max(SPAN / 2, green))
    const b = Math.min(255 - SPAN / 2, Math.max(SPAN / 2, blue))
    const unit = (SHADE_STEPS * FIXED_ONE) / SPAN
    this.red = ((lightnessOf(r + SPAN / 2, g, b) - lightnessOf(r - SPAN / 2, g, b)) * unit) | 0
    this.green = ((lightnessOf(r, g + SPAN / 2, b) - lightnessOf(r, g - SPAN / 2, b)) * unit) | 0
    this.blue = ((lightnessOf(r, g, b + SPAN / 2) - lightnessOf(r, g, b - SPAN / 2)) * unit) | 0
    const own = (lightnessOf(red, green, blue) * SHADE_STEPS * FIXED_ONE) | 0
    this.base = own - this.red * red - this.green * green - this.blue * blue
  }
}
