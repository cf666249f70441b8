/**
 * OKLab lightness of colours near a given one, as a sum over their parts: `base + red * r + green * g + blue * b`,
 * in steps of a shade times FIXED_ONE, whole numbers all. It is meant for the few colours of a smooth block; the
 * farther from the given one, the less exact.
 */
import { lightnessOf } from './lab-table'
import { FIXED_ONE, SHADE_STEPS } from './node-table'

export let base: i32 = 0
export let byRed: i32 = 0
export let byGreen: i32 = 0
export let byBlue: i32 = 0

/** Width of the differences from which the slope is taken. */
const SPAN: i32 = 8
const HALF: i32 = SPAN / 2

/** Takes the slope at a `0xRRGGBB` colour. */
export function setSlopeAt(rgb: i32): void {
  const red = rgb >> 16
  const green = (rgb >> 8) & 255
  const blue = rgb & 255
  const r = min(255 - HALF, max(HALF, red))
  const g = min(255 - HALF, max(HALF, green))
  const b = min(255 - HALF, max(HALF, blue))
  const unit = (SHADE_STEPS * FIXED_ONE) / SPAN
  byRed = <i32>((lightnessOf(r + HALF, g, b) - lightnessOf(r - HALF, g, b)) * unit)
  byGreen = <i32>((lightnessOf(r, g + HALF, b) - lightnessOf(r, g - HALF, b)) * unit)
  byBlue = <i32>((lightnessOf(r, g, b + HALF) - lightnessOf(r, g, b - HALF)) * unit)
  const own = <i32>(lightnessOf(red, green, blue) * SHADE_STEPS * FIXED_ONE)
  base = own - byRed * red - byGreen * green - byBlue * blue
}
