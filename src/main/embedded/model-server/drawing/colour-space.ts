import type { HexColor } from '../../../../threads/protocol.ts'

/** A colour in OKLCH: lightness 0 to 1, chroma 0 to about 0.37, hue in degrees. */
export type Oklch = { readonly l: number; readonly c: number; readonly h: number }

type Triple = readonly [number, number, number]

const toLinear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
const fromLinear = (v: number) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055)

/** sRGB (each 0 to 1) to OKLab. Matrices: Björn Ottosson, "A perceptual color space for image processing", 2020. */
function rgbToLab([r, g, b]: Triple): Triple {
  const [R, G, B] = [toLinear(r), toLinear(g), toLinear(b)]
  const l = Math.cbrt(0.4122214708 * R + 0.5363325363 * G + 0.0514459929 * B)
  const m = Math.cbrt(0.2119034982 * R + 0.6806995451 * G + 0.1073969566 * B)
  const s = Math.cbrt(0.0883024619 * R + 0.2817188376 * G + 0.6299787005 * B)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/** OKLab to linear sRGB; values outside 0 to 1 lie outside the gamut. */
function labToLinear([L, a, b]: Triple): Triple {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

const labOf = ({ l, c, h }: Oklch): Triple => [
  l,
  c * Math.cos((h * Math.PI) / 180),
  c * Math.sin((h * Math.PI) / 180),
]

const inGamut = (linear: Triple) => linear.every((v) => v >= -0.0005 && v <= 1.0005)

/** sRGB (each 0 to 1) to OKLCH. */
export function rgbToOklch(rgb: Triple): Oklch {
  const [l, a, b] = rgbToLab(rgb)
  return { l, c: Math.hypot(a, b), h: ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360 }
}

/** OKLCH to sRGB (each 0 to 1). A colour outside the gamut loses chroma and keeps its lightness and hue. */
export function oklchToRgb(color: Oklch): Triple {
  const l = Math.min(1, Math.max(0, color.l))
  let linear = labToLinear(labOf({ ...color, l }))
  if (!inGamut(linear)) {
    let [low, high] = [0, color.c]
    for (let step = 0; step < 14; step++) {
      const middle = (low + high) / 2
      if (inGamut(labToLinear(labOf({ l, c: middle, h: color.h })))) low = middle
      else high = middle
    }
    linear = labToLinear(labOf({ l, c: low, h: color.h }))
  }
  const [r, g, b] = linear
  const gamma = (v: number) => fromLinear(Math.min(1, Math.max(0, v)))
  return [gamma(r), gamma(g), gamma(b)]
}

const channels = (hex: HexColor): Triple => [
  Number.parseInt(hex.slice(1, 3), 16) / 255,
  Number.parseInt(hex.slice(3, 5), 16) / 255,
  Number.parseInt(hex.slice(5, 7), 16) / 255,
]

export function fromHex(hex: HexColor): Oklch {
  return rgbToOklch(channels(hex))
}

export function toHex(color: Oklch): HexColor {
  const digits = oklchToRgb(color).map((v) =>
    Math.round(v * 255)
      .toString(16)
      .padStart(2, '0'),
  )
  return `#${digits.join('').toUpperCase()}`
}

/** The colour with some of its OKLCH values replaced or worked out from the old ones. */
export function adjust(hex: HexColor, change: (color: Oklch) => Partial<Oklch>): HexColor {
  const color = fromHex(hex)
  return toHex({ ...color, ...change(color) })
}

/** A straight blend in OKLab; `share` of `other`, 0 to 1. */
export function mix(hex: HexColor, other: HexColor, share: number): HexColor {
  const [from, to] = [rgbToLab(channels(hex)), rgbToLab(channels(other))]
  const blend = (i: 0 | 1 | 2) => from[i] + (to[i] - from[i]) * share
  const [l, a, b] = [blend(0), blend(1), blend(2)]
  return toHex({ l, c: Math.hypot(a, b), h: (Math.atan2(b, a) * 180) / Math.PI })
}

/** Euclidean distance in OKLab: 0.02 is just visible, black to white is 1. */
export function distance(hex: HexColor, other: HexColor): number {
  const [p, q] = [rgbToLab(channels(hex)), rgbToLab(channels(other))]
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
}

/** Contrast ratio of WCAG 2.2, 1 to 21. */
export function contrast(hex: HexColor, other: HexColor): number {
  const luminance = (color: HexColor) => {
    const [r, g, b] = channels(color)
    return 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b)
  }
  const [p, q] = [luminance(hex), luminance(other)]
  return (Math.max(p, q) + 0.05) / (Math.min(p, q) + 0.05)
}

/** The smaller angle between two hues, 0 to 180. */
export function hueGap(one: number, other: number): number {
  const gap = Math.abs(one - other) % 360
  return Math.min(gap, 360 - gap)
}
