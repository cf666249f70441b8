import { byteOfLinear, type Rgb } from './srgb.ts'
import { type Lab, linearOfLab } from './oklab.ts'

/** OKLab in polar form: lightness 0 to 1, chroma from 0 (grey) to about 0.32, hue in degrees 0 to 360. */
export type Lch = { readonly lightness: number; readonly chroma: number; readonly hue: number }

const DEGREES = 180 / Math.PI
/** Halvings of the chroma interval when a colour is brought into sRGB: the rest is below 0.0001. */
const GAMUT_STEPS = 12

export function lchOfLab([lightness, a, b]: Lab): Lch {
  return { lightness, chroma: Math.sqrt(a * a + b * b), hue: turn(Math.atan2(b, a) * DEGREES, 0) }
}

/** The hue `degrees` further round the circle, 0 to 360. */
export function turn(hue: number, degrees: number): number {
  return (((hue + degrees) % 360) + 360) % 360
}

/**
 * 8-bit sRGB of a polar colour. Lightness and hue are kept; chroma is lowered as far as sRGB needs, by
 * bisection, which is the reduction that CSS Color 4 asks for, without its local clipping.
 */
export function rgbOfLch({ lightness, chroma, hue }: Lch): Rgb {
  const light = Math.min(1, Math.max(0, lightness))
  const a = Math.cos(hue / DEGREES)
  const b = Math.sin(hue / DEGREES)
  let inside = 0
  let outside = chroma
  if (inGamut(light, a * chroma, b * chroma)) inside = chroma
  else {
    for (let step = 0; step < GAMUT_STEPS; step++) {
      const middle = (inside + outside) / 2
      if (inGamut(light, a * middle, b * middle)) inside = middle
      else outside = middle
    }
  }
  const [red, green, blue] = linearOfLab(light, a * inside, b * inside)
  return [byteOfLinear(red), byteOfLinear(green), byteOfLinear(blue)]
}

function inGamut(lightness: number, a: number, b: number): boolean {
  const slack = 0.0005
  return linearOfLab(lightness, a, b).every((part) => part >= -slack && part <= 1 + slack)
}
