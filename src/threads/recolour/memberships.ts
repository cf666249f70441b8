import type { Tone } from '../protocol.ts'
import { mixtureOf, pureTone, type Mixture } from './mixture.ts'
import type { SamplePlane } from './sample-plane.ts'

/** Width of the transition between two tones, as a share of their distance. */
const TRANSITION = 0.5

/** To which tones colours belong, judged by the colour alone. */
export class Memberships {
  private readonly labs: Float64Array
  private readonly start: number
  private readonly count: number

  /** Tones before `start` are left out. */
  constructor(tones: readonly Tone[], start: number) {
    this.labs = Float64Array.from(tones.flatMap(({ lab }) => [...lab]))
    this.start = start
    this.count = tones.length
  }

  /** The tone that is nearest to a colour in OKLab. */
  nearest(l: number, a: number, b: number): number {
    let nearest = this.start
    let least = Infinity
    for (let tone = this.start; tone < this.count; tone++) {
      const distance = this.distance(tone, l, a, b)
      if (distance < least) {
        least = distance
        nearest = tone
      }
    }
    return nearest
  }

  /** The nearest tone of every sample; that of the background's samples is 0. */
  nearestOfAll({ rgb, labs }: SamplePlane, background: Uint8Array | undefined): Uint8Array {
    const nearest = new Uint8Array(rgb.length)
    let lastRgb = -1
    let last = 0
    for (let sample = 0; sample < rgb.length; sample++) {
      if (background !== undefined && background[sample] === 1) continue
      if (rgb[sample] !== lastRgb) {
        lastRgb = rgb[sample]!
        last = this.nearest(labs[sample * 3]!, labs[sample * 3 + 1]!, labs[sample * 3 + 2]!)
      }
      nearest[sample] = last
    }
    return nearest
  }

  /** The mixture of the nearest two tones that a colour is by itself. */
  mixtureOf(l: number, a: number, b: number): Mixture {
    const first = this.nearest(l, a, b)
    const own = this.distance(first, l, a, b)
    let second = first
    let least = TRANSITION
    for (let tone = this.start; tone < this.count; tone++) {
      if (tone === first) continue
      // 0 on the border between both tones, 1 at the first tone itself.
      const depth = (this.distance(tone, l, a, b) - own) / this.spacing(first, tone)
      if (depth < least) {
        least = depth
        second = tone
      }
    }
    if (second === first) return pureTone(first)
    const nearness = 1 - least / TRANSITION
    return mixtureOf(first, second, (nearness * nearness * (3 - 2 * nearness)) / 2)
  }

  private distance(tone: number, l: number, a: number, b: number): number {
    const dl = l - this.labs[tone * 3]!
    const da = a - this.labs[tone * 3 + 1]!
    const db = b - this.labs[tone * 3 + 2]!
    return dl * dl + da * da + db * db
  }

  private spacing(one: number, other: number): number {
    return this.distance(one, this.labs[other * 3]!, this.labs[other * 3 + 1]!, this.labs[other * 3 + 2]!)
  }
}
