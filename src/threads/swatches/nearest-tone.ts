import type { Tone } from '../protocol.ts'

/** To which of some tones colours belong. */
export class NearestTone {
  private readonly labs: Float64Array
  private readonly count: number

  constructor(tones: readonly Tone[]) {
    this.labs = Float64Array.from(tones.flatMap(({ lab }) => [...lab]))
    this.count = tones.length
  }

  /** Number of the tone that is nearest to a colour in OKLab. */
  of(l: number, a: number, b: number): number {
    let nearest = 0
    let least = Infinity
    for (let tone = 0; tone < this.count; tone++) {
      const dl = l - this.labs[tone * 3]!
      const da = a - this.labs[tone * 3 + 1]!
      const db = b - this.labs[tone * 3 + 2]!
      const distance = dl * dl + da * da + db * db
      if (distance < least) {
        least = distance
        nearest = tone
      }
    }
    return nearest
  }
}
