import type { Lab } from '../colour/oklab.ts'
import { byteOfLinear, type Rgb } from '../colour/srgb.ts'
import type { RegionNodes, Tone } from '../protocol.ts'
import { SHARE_STEPS, takeApart, type Parts } from './mixture.ts'
import { keyMixture, keyShade } from './node-key.ts'

/** How much of the image's shading is kept. */
const SHADE_GAIN = 0.8

/** Tones that share a palette colour are at most this far from it in lightness. */
const MAX_OFFSET = 0.12

/**
 * The new colours of all nodes of an image, as words for pixels of three or four bytes: red in the lowest byte,
 * then green and blue.
 */
export function buildNodeColours(
  nodes: RegionNodes,
  tones: readonly Tone[],
  hasBackground: boolean,
  assigned: readonly number[],
  palette: readonly Lab[],
  paletteRgb: readonly Rgb[],
): Uint32Array {
  const { keys } = nodes
  const colours = new Uint32Array(keys.length)
  const offsets = Float64Array.from(shadeOffsets(tones, assigned, hasBackground))
  const targets = Float64Array.from(assigned.flatMap((role) => [...palette[role]!]))
  const roles = Uint8Array.from(assigned)
  const words = paletteRgb.map(([red, green, blue]) => red | (green << 8) | (blue << 16))
  const parts: Parts = { first: 0, second: 0, third: 0, ofSecond: 0, ofThird: 0 }
  for (let node = 0; node < keys.length; node++) {
    takeApart(keyMixture(keys[node]!), parts)
    const { first, second, third } = parts
    const ofSecond = parts.ofSecond / SHARE_STEPS
    const ofThird = parts.ofThird / SHARE_STEPS
    const own = offsets[first]!
    const offset = own + (offsets[second]! - own) * ofSecond + (offsets[third]! - own) * ofThird
    const shade = (keyShade(keys[node]!) + offset) * SHADE_GAIN
    if (shade === 0 && roles[first] === roles[second] && roles[first] === roles[third]) {
      colours[node] = words[roles[first]!]!
      continue
    }
    let l = mixed(targets, parts, 0)
    let p = mixed(targets, parts, 1)
    let q = mixed(targets, parts, 2)
    // Towards white or black, with a soft knee, so that the shade stays a colour of the screen.
    if (shade > 0) {
      const room = Math.max(0, 1 - l)
      const part = room > 0 ? shade / (room + shade) : 0
      l += room * part
      p *= 1 - part
      q *= 1 - part
    } else if (shade < 0) {
      const part = l > 0 ? -shade / (l - shade) : 0
      l -= l * part
      p *= 1 - part
      q *= 1 - part
    }
    colours[node] = wordOfLab(l, p, q)
  }
  return colours
}

/** One of the three values of the tones' colours, mixed. */
function mixed(targets: Float64Array, { first, second, third, ofSecond, ofThird }: Parts, value: number): number {
  const own = targets[first * 3 + value]!
  return (
    own +
    ((targets[second * 3 + value]! - own) * ofSecond + (targets[third * 3 + value]! - own) * ofThird) / SHARE_STEPS
  )
}

/** Of the tones that share a palette colour the background's, else the largest, has that very colour. */
function shadeOffsets(tones: readonly Tone[], assigned: readonly number[], hasBackground: boolean): number[] {
  return tones.map(({ lab }, tone) => {
    let leader = tone
    for (const [other, { share }] of tones.entries()) {
      if (assigned[other] !== assigned[tone]) continue
      if (hasBackground && leader === 0) break
      if (share > tones[leader]!.share || (hasBackground && other === 0)) leader = other
    }
    const offset = lab[0] - tones[leader]!.lab[0]
    return Math.max(-MAX_OFFSET, Math.min(MAX_OFFSET, offset))
  })
}

/** 8-bit sRGB of an OKLab colour, `0xBBGGRR`. */
function wordOfLab(lightness: number, a: number, b: number): number {
  const l = lightness + 0.3963377774 * a + 0.2158037573 * b
  const m = lightness - 0.1055613458 * a - 0.0638541728 * b
  const s = lightness - 0.0894841775 * a - 1.291485548 * b
  const l3 = l * l * l
  const m3 = m * m * m
  const s3 = s * s * s
  const red = byteOfLinear(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3)
  const green = byteOfLinear(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3)
  const blue = byteOfLinear(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3)
  return red | (green << 8) | (blue << 16)
}
