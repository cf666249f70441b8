/** Tones of an image at most: each takes three bits of a mixture. */
export const MAX_TONES = 8

/** A second tone has a whole number of these parts of a mixture. */
export const SHARE_STEPS = 32

/**
 * Two tones of which a colour is mixed, and the share of the second, in one number of eleven bits: the lower
 * tone first. A tone alone is a mixture with itself.
 */
export type Mixture = number

/** Number of possible mixtures. */
export const MIXTURES = MAX_TONES * MAX_TONES * SHARE_STEPS

export const pureTone = (tone: number): Mixture => (tone << 8) | (tone << 5)

/** A mixture with `share` (0 to 1) of the second tone. */
export function mixtureOf(first: number, second: number, share: number): Mixture {
  // Not Math.round: this runs once a pixel.
  const steps = (share * SHARE_STEPS + 0.5) | 0
  if (first === second || steps <= 0) return pureTone(first)
  if (steps >= SHARE_STEPS) return pureTone(second)
  return first < second
    ? (first << 8) | (second << 5) | steps
    : (second << 8) | (first << 5) | (SHARE_STEPS - steps)
}

export const firstTone = (mixture: Mixture): number => mixture >> 8
export const secondTone = (mixture: Mixture): number => (mixture >> 5) & 7
/** Share of the second tone, 0 to less than 1. */
export const secondShare = (mixture: Mixture): number => (mixture & 31) / SHARE_STEPS

/**
 * The mixture that stands for the weights of any number of tones: those of the two strongest, less the third's.
 * Where the second and the third change places both have no share left, so that nothing jumps there.
 */
export function mixtureOfWeights(weights: Float64Array, tones: number): Mixture {
  let first = 0
  let second = -1
  let third = -1
  for (let tone = 1; tone < tones; tone++) {
    const weight = weights[tone]!
    if (weight > weights[first]!) {
      third = second
      second = first
      first = tone
    } else if (second < 0 || weight > weights[second]!) {
      third = second
      second = tone
    } else if (third < 0 || weight > weights[third]!) third = tone
  }
  if (second < 0) return pureTone(first)
  const rest = third < 0 ? 0 : weights[third]!
  const one = weights[first]! - rest
  const other = weights[second]! - rest
  return one + other > 0 ? mixtureOf(first, second, other / (one + other)) : pureTone(first)
}

/** Adds the tones of a mixture to weights, times a factor. */
export function addMixture(weights: Float64Array, mixture: Mixture, factor: number): void {
  const second = secondShare(mixture)
  weights[firstTone(mixture)]! += factor * (1 - second)
  weights[secondTone(mixture)]! += factor * second
}

/**
 * The mixture on the way from one to another, `share` (0 to 1) of it behind: as {@link mixtureOfWeights} says, for
 * the four tones at most that take part.
 */
export function blendMixtures(one: Mixture, other: Mixture, share: number): Mixture {
  let a = firstTone(one)
  let b = secondTone(one)
  let c = firstTone(other)
  let d = secondTone(other)
  const before = secondShare(one)
  const behind = secondShare(other)
  let weightA = (1 - share) * (1 - before)
  let weightB = (1 - share) * before
  let weightC = share * (1 - behind)
  let weightD = share * behind
  if (c === a) {
    weightA += weightC
    weightC = 0
  } else if (c === b) {
    weightB += weightC
    weightC = 0
  }
  if (d === a) {
    weightA += weightD
    weightD = 0
  } else if (d === b) {
    weightB += weightD
    weightD = 0
  }
  // The two strongest to the front; what is left of the others is at most the third's.
  if (weightC > weightA || weightD > weightA || weightB > weightA) {
    if (weightB >= weightC && weightB >= weightD) {
      ;[a, b, weightA, weightB] = [b, a, weightB, weightA]
    } else if (weightC >= weightD) [a, c, weightA, weightC] = [c, a, weightC, weightA]
    else [a, d, weightA, weightD] = [d, a, weightD, weightA]
  }
  if (weightC > weightB && weightC >= weightD) [b, c, weightB, weightC] = [c, b, weightC, weightB]
  else if (weightD > weightB) [b, d, weightB, weightD] = [d, b, weightD, weightB]
  if (weightB <= 0) return pureTone(a)
  const rest = weightC > weightD ? weightC : weightD
  const sum = weightA + weightB - 2 * rest
  return sum > 0 ? mixtureOf(a, b, (weightB - rest) / sum) : pureTone(a)
}
