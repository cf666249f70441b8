import { byteOfLinear, linearOfByte, type Rgb } from './srgb.ts'

/**
 * OKLab, a colour space in which equal distances look equally different.
 * Source of every constant: Björn Ottosson, "A perceptual color space for image processing" (2020),
 * https://bottosson.github.io/posts/oklab/
 */
export type Lab = readonly [lightness: number, greenRed: number, blueYellow: number]

/**
 * Cut decisions are taken on these values, and the last bit of a cube root differs between builds of V8.
 * Rounding to this grid (far below one step of an 8-bit colour) keeps the decisions the same everywhere.
 */
const GRID = 1 << 20

const onGrid = (value: number): number => Math.round(value * GRID) / GRID

/** OKLab of a colour in linear light (0 to 1 each), unrounded. */
export function labOfLinear(red: number, green: number, blue: number): Lab {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/** OKLab of an 8-bit sRGB colour, rounded to a grid of 2^-20. */
export function labOfRgb(red: number, green: number, blue: number): Lab {
  const lab = labOfLinear(linearOfByte[red]!, linearOfByte[green]!, linearOfByte[blue]!)
  return [onGrid(lab[0]), onGrid(lab[1]), onGrid(lab[2])]
}

/** Linear light of an OKLab colour; parts lie outside 0 to 1 where sRGB has no such colour. */
export function linearOfLab(lightness: number, a: number, b: number): [number, number, number] {
  const l = lightness + 0.3963377774 * a + 0.2158037573 * b
  const m = lightness - 0.1055613458 * a - 0.0638541728 * b
  const s = lightness - 0.0894841775 * a - 1.291485548 * b
  const l3 = l * l * l
  const m3 = m * m * m
  const s3 = s * s * s
  return [
    4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3,
    -1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3,
    -0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3,
  ]
}

/** 8-bit sRGB of an OKLab colour, each part clipped. */
export function rgbOfLab([lightness, a, b]: Lab): Rgb {
  const [red, green, blue] = linearOfLab(lightness, a, b)
  return [byteOfLinear(red), byteOfLinear(green), byteOfLinear(blue)]
}

/** Euclidean distance: about 0.02 is just noticeable, black to white is 1. */
export function labDistance(one: Lab, other: Lab): number {
  const [dl, da, db] = [one[0] - other[0], one[1] - other[1], one[2] - other[2]]
  return Math.sqrt(dl * dl + da * da + db * db)
}
