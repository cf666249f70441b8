import type { Lab } from '../colour/oklab.ts'
import { byteOfLinear, type Rgb } from '../colour/srgb.ts'
import type { RegionNodes, Tone } from '../protocol.ts'
import {
  BLEND,
  MIX_STEPS,
  SHADE_STEPS,
  SHARE_STEPS,
  shareB,
  shareC,
  toneA,
  toneB,
  toneC,
} from './node-registry.ts'

/** How much of the image's shading is kept. */
const SHADE_GAIN = 0.8

/** Tones that share a palette colour are at most this far from it in lightness. */
const MAX_OFFSET = 0.12
/** A tone with this share of all that have its palette colour gets that very colour. */
const LEADING_SHARE = 2 / 3

/**
 * The new colours of all nodes of an image, as words for pixels of three or four bytes: red in the lowest byte,
 * then green and blue.
 */
export function buildNodeColours(
  nodes: RegionNodes,
  tones: readonly Tone[],
  assigned: readonly number[],
  palette: readonly Lab[],
  paletteRgb: readonly Rgb[],
): Uint32Array {
  const { count, first, second } = nodes
  const colours = new Uint32Array(count)
  const labs = new Float32Array(count * 3)
  // A tone that shares its palette colour with others is a shade of it, centred on all of them.
  const offsets = Float64Array.from(shadeOffsets(tones, assigned, palette.length))
  const targets = Float64Array.from(assigned.flatMap((role) => [...palette[role]!]))
  const roles = Uint8Array.from(assigned)
  const words = paletteRgb.map(([red, green, blue]) => red | (green << 8) | (blue << 16))
  for (let node = 0; node < count; node++) {
    let l: number
    let p: number
    let q: number
    if (second[node]! >= BLEND) {
      const position = (second[node]! - BLEND) / MIX_STEPS
      const one = (first[node]! >>> 16) * 3
      const other = (first[node]! & 0xffff) * 3
      l = labs[one]! + (labs[other]! - labs[one]!) * position
      p = labs[one + 1]! + (labs[other + 1]! - labs[one + 1]!) * position
      q = labs[one + 2]! + (labs[other + 2]! - labs[one + 2]!) * position
      colours[node] = wordOfLab(l, p, q)
      continue
    }
    const mixture = first[node]!
    const a = toneA(mixture)
    const b = toneB(mixture)
    const c = toneC(mixture)
    const wb = shareB(mixture) / SHARE_STEPS
    const wc = shareC(mixture) / SHARE_STEPS
    const wa = 1 - wb - wc
    const offset = wa * offsets[a]! + wb * offsets[b]! + wc * offsets[c]!
    const shade = (second[node]! / SHADE_STEPS + offset) * SHADE_GAIN
    l = wa * targets[a * 3]! + wb * targets[b * 3]! + wc * targets[c * 3]!
    p = wa * targets[a * 3 + 1]! + wb * targets[b * 3 + 1]! + wc * targets[c * 3 + 1]!
    q = wa * targets[a * 3 + 2]! + wb * targets[b * 3 + 2]! + wc * targets[c * 3 + 2]!
    const isPlain = shade === 0 && roles[a] === roles[b] && roles[a] === roles[c]
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
    colours[node] = isPlain ? words[roles[a]!]! : wordOfLab(l, p, q)
    labs[node * 3] = l
    labs[node * 3 + 1] = p
    labs[node * 3 + 2] = q
  }
  return colours
}

function shadeOffsets(tones: readonly Tone[], assigned: readonly number[], roles: number): number[] {
  const sums = Array.from({ length: roles }, () => ({
    share: 0,
    lightness: 0,
    largest: 0,
    largestLightness: 0,
  }))
  tones.forEach(({ lab, share }, tone) => {
    const sum = sums[assigned[tone]!]!
    sum.share += share
    sum.lightness += share * lab[0]
    if (share > sum.largest) [sum.largest, sum.largestLightness] = [share, lab[0]]
  })
  return tones.map(({ lab }, tone) => {
    const sum = sums[assigned[tone]!]!
    if (sum.share === 0) return 0
    const leads = sum.largest >= sum.share * LEADING_SHARE
    const offset = lab[0] - (leads ? sum.largestLightness : sum.lightness / sum.share)
    return Math.abs(offset) < 1e-6 ? 0 : Math.max(-MAX_OFFSET, Math.min(MAX_OFFSET, offset))
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
