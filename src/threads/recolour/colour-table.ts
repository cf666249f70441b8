import type { Lab } from '../colour/oklab.ts'
import { byteOfLinear } from '../colour/srgb.ts'
import type { Memberships } from './memberships.ts'
import type { Tone } from './tones.ts'

/** How much of the image's shading is kept. */
const SHADE_GAIN = Number(process.env.SG ?? 0.8)
/** Width of the transition between two tones, as a share of their distance. */
const TRANSITION = Number(process.env.TR ?? 0.5)

/** New colours for all colours of an image, `0xRRGGBB` each. */
export function buildColourTable(
  labs: Float32Array,
  memberships: Memberships,
  tones: readonly Tone[],
  assigned: readonly number[],
  palette: readonly Lab[],
  paletteRgb: readonly number[],
  rgb: Uint32Array,
): Uint32Array {
  const count = memberships.first.length
  const table = new Uint32Array(count)
  const reference = groupLightness(tones, assigned, palette.length)
  const { first, second, third, secondDepth, thirdDepth } = memberships
  for (let colour = 0; colour < count; colour++) {
    const a = first[colour]!
    const b = second[colour]!
    const c = third[colour]!
    const wb = weightAt(secondDepth[colour]! / 255)
    const wc = weightAt(thirdDepth[colour]! / 255)
    const sum = 1 + wb + wc
    const [ra, rb, rc] = [assigned[a]!, assigned[b]!, assigned[c]!]
    const [ta, tb, tc] = [palette[ra]!, palette[rb]!, palette[rc]!]
    const expected = (reference[a]! + wb * reference[b]! + wc * reference[c]!) / sum
    let shade = (labs[colour * 3]! - expected) * SHADE_GAIN
    const dead = 0.006
    shade = shade > dead ? shade - dead : shade < -dead ? shade + dead : 0
    if (shade === 0 && (wb === 0 || ra === rb) && (wc === 0 || ra === rc)) {
      table[colour] = paletteRgb[ra]!
      continue
    }
    let l = (ta[0] + wb * tb[0] + wc * tc[0]) / sum
    let p = (ta[1] + wb * tb[1] + wc * tc[1]) / sum
    let q = (ta[2] + wb * tb[2] + wc * tc[2]) / sum
    // Towards white or black, with a soft knee, so that the shade stays a colour of the screen.
    if (shade > 0) {
      const room = 1 - l
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
    table[colour] = packedRgb(l, p, q)
  }
  void rgb
  return table
}

/** Share of a further tone at a depth of 0 (border) to 1 (the first tone itself). */
function weightAt(depth: number): number {
  if (depth >= TRANSITION) return 0
  const y = 1 - depth / TRANSITION
  return y * y * (3 - 2 * y)
}

/** The lightness of the image that becomes a tone's palette colour: the mean of all tones that share it. */
function groupLightness(tones: readonly Tone[], assigned: readonly number[], roles: number): number[] {
  const sums = Array.from({ length: roles }, () => ({ share: 0, lightness: 0 }))
  tones.forEach(({ lab, share }, tone) => {
    const sum = sums[assigned[tone]!]!
    sum.share += share
    sum.lightness += share * lab[0]
  })
  return tones.map(({ lab }, tone) => {
    const sum = sums[assigned[tone]!]!
    return sum.share > 0 ? sum.lightness / sum.share : lab[0]
  })
}

function packedRgb(lightness: number, a: number, b: number): number {
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
