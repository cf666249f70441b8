import type { Tone } from '../protocol.ts'
import { firstTone, MIXTURES, secondShare, secondTone, type Mixture } from './mixture.ts'
import { SHADE_STEPS } from './node-key.ts'

/** Colours that lie off their tone by less than this many steps of a shade are the tone itself: noise. */
export const DEAD_STEPS = 2

/** Lightness of the tones of each mixture, from which the shades are counted. In steps of a shade. */
export class MixtureLightness {
  private readonly ofMixture = new Float64Array(MIXTURES).fill(-1)
  private readonly ofTone: Float64Array

  constructor(tones: readonly Tone[]) {
    this.ofTone = Float64Array.from(tones, ({ lab }) => lab[0] * SHADE_STEPS)
  }

  of(mixture: Mixture): number {
    const known = this.ofMixture[mixture]!
    if (known >= 0) return known
    const one = this.ofTone[firstTone(mixture)]!
    const steps = one + (this.ofTone[secondTone(mixture)]! - one) * secondShare(mixture)
    this.ofMixture[mixture] = steps
    return steps
  }

  /** How much lighter than a mixture a lightness (both in steps) is; 0 within the noise of a flat place. */
  shade(lightnessSteps: number, mixture: Mixture): number {
    return withoutNoise(lightnessSteps - this.of(mixture))
  }
}

/** A difference of lightness (in steps) less the noise of a flat place. */
export function withoutNoise(off: number): number {
  return off > DEAD_STEPS ? off - DEAD_STEPS : off < -DEAD_STEPS ? off + DEAD_STEPS : 0
}
