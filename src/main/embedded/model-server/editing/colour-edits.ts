import type { HexColor } from '../../../../threads/protocol.ts'
import { fromHex, rgbToOklch, type Oklch } from '../drawing/colour-space.ts'
import { canvasOf, imageOf, type Canvas } from './canvas.ts'
import type { ColourChange } from './colour-map.ts'
import type { ToneChange } from './edit-instruction.ts'

/** What a picture's figure looks like on the whole. */
export type Character = {
  /** Its most present colour. */
  readonly dominant: Oklch
  /** A colour of another hue or lightness, where there is one. */
  readonly other: Oklch
}

const SAMPLE_SIDE_PX = 48

/** The two most present colours of the figure. `ground` is left out: the surround's colour. */
export async function characterOf(canvas: Canvas, ground: Oklch | null): Promise<Character> {
  const { pixels } = await canvasOf(imageOf(canvas).resize(SAMPLE_SIDE_PX, SAMPLE_SIDE_PX, { fit: 'fill' }))
  const bins = new Map<string, { weight: number; l: number; a: number; b: number }>()
  for (let i = 0; i < pixels.length; i += 3) {
    const color = rgbToOklch([pixels[i]! / 255, pixels[i + 1]! / 255, pixels[i + 2]! / 255])
    const radians = (color.h * Math.PI) / 180
    const [a, b] = [color.c * Math.cos(radians), color.c * Math.sin(radians)]
    if (ground && labDistance(color, ground) < 0.08) continue
    const key = `${Math.round(color.l * 6)} ${Math.round(a * 14)} ${Math.round(b * 14)}`
    const bin = bins.get(key) ?? { weight: 0, l: 0, a: 0, b: 0 }
    // Strong colours say more of a picture than greys.
    const weight = 0.15 + color.c * 6
    bins.set(key, {
      weight: bin.weight + weight,
      l: bin.l + color.l * weight,
      a: bin.a + a * weight,
      b: bin.b + b * weight,
    })
  }
  const ranked = [...bins.values()]
    .toSorted((one, two) => two.weight - one.weight)
    .map(({ weight, l, a, b }): Oklch => ({
      l: l / weight,
      c: Math.hypot(a, b) / weight,
      h: ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360,
    }))
  const dominant = ranked[0] ?? { l: 0.5, c: 0.1, h: 250 }
  const other = ranked.find((color) => labDistance(color, dominant) > 0.16) ?? {
    l: dominant.l > 0.6 ? 0.4 : 0.8,
    c: 0.12,
    h: (dominant.h + 170) % 360,
  }
  return { dominant, other }
}

function labDistance(one: Oklch, two: Oklch): number {
  const at = ({ c, h }: Oklch) =>
    [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)] as const
  const [[a, b], [p, q]] = [at(one), at(two)]
  return Math.hypot(one.l - two.l, a - p, b - q)
}

/** The change of all colours for a tone. */
export function toneMap(change: ToneChange): ColourChange {
  switch (change) {
    case 'warmer':
      return (color) => leaning(color, 62)
    case 'cooler':
      return (color) => leaning(color, 248)
    case 'brighter':
      return ({ l, c, h }) => ({ l: l ** 0.62, c: c * 1.06, h })
    case 'darker':
      return ({ l, c, h }) => ({ l: l * 0.72, c: c * 0.94, h })
    case 'stronger':
      return ({ l, c, h }) => ({ l: l > 0.9 ? l : l * 0.97, c: c < 0.02 ? c : c * 1.45 + 0.03, h })
    case 'weaker':
      return ({ l, c, h }) => ({ l, c: c * 0.42, h })
    case 'grey':
      return ({ l, h }) => ({ l, c: 0, h })
    case 'pastel':
      return ({ l, c, h }) => ({ l: 0.52 + l * 0.48, c: Math.min(c * 0.62, 0.1), h })
    case 'neon':
      return ({ l, c, h }) =>
        c < 0.03 ? { l: 1.12 - l, c: 0.03, h: 290 } : { l: 0.45 + l * 0.42, c: c * 1.5 + 0.1, h }
    case 'aged':
      return ({ l, c, h }) =>
        tinted({ l: 0.12 + l * 0.8, c: c * 0.42, h }, { l: 0.12 + l * 0.8, c: 0.06, h: 74 }, 0.7)
    case 'inverted':
      return ({ l, c, h }) => ({ l: 1.05 - l, c, h: h + 180 })
    case 'contrast':
      return ({ l, c, h }) => ({ l: l + 0.22 * Math.sin((l - 0.5) * Math.PI), c: c * 1.12, h })
  }
}

/** How far warm and cool lean, in OKLab. */
const LEAN = 0.055

/** Moved in OKLab towards a hue by the same distance for every colour. */
function leaning({ l, c, h }: Oklch, hue: number): Oklch {
  const [from, to] = [(h * Math.PI) / 180, (hue * Math.PI) / 180]
  const x = c * Math.cos(from) + LEAN * Math.cos(to)
  const y = c * Math.sin(from) + LEAN * Math.sin(to)
  return { l: l > 0.9 ? l - 0.02 : l, c: Math.hypot(x, y), h: (Math.atan2(y, x) * 180) / Math.PI }
}

/** A blend in OKLab. */
function tinted(color: Oklch, tint: Oklch, share: number): Oklch {
  const at = ({ c, h }: Oklch) =>
    [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)] as const
  const [[a, b], [p, q]] = [at(color), at(tint)]
  const [x, y] = [a + (p - a) * share, b + (q - b) * share]
  return {
    l: color.l + (tint.l - color.l) * share,
    c: Math.hypot(x, y),
    h: (Math.atan2(y, x) * 180) / Math.PI,
  }
}

/** Turns every hue by the same angle; greys become faintly coloured. */
export const hueTurn =
  (degrees: number): ColourChange =>
  ({ l, c, h }) => ({ l, c: c < 0.015 && l < 0.9 ? 0.05 : c, h: h + degrees })

/**
 * The change that gives a figure new colours. One colour takes the place of the dominant one, and the others keep
 * their distance from it; several colours are laid out over the lightness, the darkest for the dark parts.
 */
export function recolouring(colors: readonly HexColor[], { dominant }: Character): ColourChange {
  const targets = colors.map(fromHex).toSorted((one, two) => one.l - two.l)
  const [only] = targets
  if (!only) return (color) => color
  return targets.length === 1 ? towards(only, dominant) : laidOut(targets)
}

const towards =
  (target: Oklch, dominant: Oklch): ColourChange =>
  (color) => {
    if (color.c < 0.03 && color.l > 0.93) return color
    // A sine, so that hues on either side of the opposite one stay neighbours.
    const aside = color.c < 0.03 || dominant.c < 0.03 ? 0 : Math.sin(((color.h - dominant.h) * Math.PI) / 180)
    // The ends of the scale stay dark and light, whatever the target.
    const middle = Math.max(0, 1 - Math.abs(color.l - dominant.l) / 0.6)
    return {
      l: Math.min(0.985, Math.max(0.06, color.l + (target.l - dominant.l) * 0.85 * middle)),
      c:
        color.c < 0.03
          ? target.c * 0.6 * middle
          : target.c * Math.min(1.15, 0.55 + color.c / Math.max(0.05, dominant.c) / 2),
      h: target.h + aside * 28,
    }
  }

const laidOut =
  (targets: readonly Oklch[]): ColourChange =>
  (color) => {
    if (color.c < 0.03 && color.l > 0.93) return color
    const place = Math.min(0.999, Math.max(0, (color.l - 0.25) / 0.6)) * (targets.length - 1)
    const low = targets[Math.floor(place)]!
    const high = targets[Math.floor(place) + 1] ?? low
    return tinted(tinted(low, high, place % 1), color, 0.12)
  }
