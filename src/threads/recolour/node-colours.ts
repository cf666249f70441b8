import type { Lab } from '../colour/oklab.ts'
import { byteOfLinear } from '../colour/srgb.ts'
import { SHADE_STEPS, SHARE_STEPS, type PixelNodes } from './node-registry.ts'
import type { Tone } from './tones.ts'

/** How much of the image's shading is kept. */
const SHADE_GAIN = 0.8

/** Tones that share a palette colour are at most this far from it in lightness. */
const MAX_OFFSET = 0.12
/** A tone with this share of all that have its palette colour gets that very colour. */
const LEADING_SHARE = 2 / 3

/** New colours of nodes. */
export type NodeColours = {
  /** `0xRRGGBB` each. */
  readonly rgb: Uint32Array
  /** OKLab, three values each. */
  readonly labs: Float32Array
}

/** Finds the new colours of all nodes of an image. */
export function buildNodeColours(
  nodes: PixelNodes,
  tones: readonly Tone[],
  assigned: readonly number[],
  palette: readonly Lab[],
  paletteRgb: readonly number[],
): NodeColours {
  const rgb = new Uint32Array(nodes.count)
  const labs = new Float32Array(nodes.count * 3)
  // A tone that shares its palette colour with others is a shade of it, centred on all of them.
  const offsets = shadeOffsets(tones, assigned, palette.length)
  for (let node = 0; node < nodes.count; node++) {
    const [a, b, c] = [nodes.tones[node * 3]!, nodes.tones[node * 3 + 1]!, nodes.tones[node * 3 + 2]!]
    const wa = nodes.shares[node * 3]! / SHARE_STEPS
    const wb = nodes.shares[node * 3 + 1]! / SHARE_STEPS
    const wc = nodes.shares[node * 3 + 2]! / SHARE_STEPS
    const [ra, rb, rc] = [assigned[a]!, assigned[b]!, assigned[c]!]
    const offset = wa * offsets[a]! + wb * offsets[b]! + wc * offsets[c]!
    const shade = (nodes.shades[node]! / SHADE_STEPS + offset) * SHADE_GAIN
    if (shade === 0 && ra === rb && ra === rc) {
      rgb[node] = paletteRgb[ra]!
      labs.set(palette[ra]!, node * 3)
      continue
    }
    const [ta, tb, tc] = [palette[ra]!, palette[rb]!, palette[rc]!]
    let l = wa * ta[0] + wb * tb[0] + wc * tc[0]
    let p = wa * ta[1] + wb * tb[1] + wc * tc[1]
    let q = wa * ta[2] + wb * tb[2] + wc * tc[2]
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
    rgb[node] = packedRgb(l, p, q)
    labs[node * 3] = l
    labs[node * 3 + 1] = p
    labs[node * 3 + 2] = q
  }
  return { rgb, labs }
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

/** 8-bit sRGB of an OKLab colour, `0xRRGGBB`. */
export function packedRgb(lightness: number, a: number, b: number): number {
  const l = lightness + 0.3963377774 * a + 0.2158037573 * b
  const m = lightness - 0.1055613458 * a - 0.0638541728 * b
  const s = lightness - 0.0894841775 * a - 1.291485548 * b
  const l3 = l * l * l
  const m3 = m * m * m
  const s3 = s * s * s
  const red = byteOfLinear(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3)
  const green = byteOfLinear(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3)
  const blue = byteOfLinear(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3)
  return (red << 16) | (green << 8) | blue
}
