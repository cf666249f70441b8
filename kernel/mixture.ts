/** Mixtures of tones, as `src/threads/recolour/mixture.ts` writes them: first tone, second tone, 32nds of the second. */

export const MAX_TONES: i32 = 8
export const SHARE_STEPS: i32 = 32
export const MIXTURES: i32 = MAX_TONES * MAX_TONES * SHARE_STEPS

export function pureTone(tone: i32): i32 {
  return (tone << 8) | (tone << 5)
}

export function firstTone(mixture: i32): i32 {
  return mixture >> 8
}

export function secondTone(mixture: i32): i32 {
  return (mixture >> 5) & 7
}

export function secondShare(mixture: i32): f64 {
  return <f64>(mixture & 31) / SHARE_STEPS
}

/** A mixture with `share` (0 to 1) of the second tone. */
export function mixtureOf(first: i32, second: i32, share: f64): i32 {
  const steps = <i32>(share * SHARE_STEPS + 0.5)
  if (first == second || steps <= 0) return pureTone(first)
  if (steps >= SHARE_STEPS) return pureTone(second)
  return first < second
    ? (first << 8) | (second << 5) | steps
    : (second << 8) | (first << 5) | (SHARE_STEPS - steps)
}

/** A weight of each tone, f64. */
const weights: usize = memory.data(MAX_TONES * 8, 16)

export function clearWeights(): void {
  for (let at = weights; at < weights + MAX_TONES * 8; at += 16) v128.store(at, f64x2.splat(0))
}

/** Adds to the weight of a tone. */
export function weigh(tone: i32, weight: f64): void {
  const at = weights + ((<usize>tone) << 3)
  store<f64>(at, load<f64>(at) + weight)
}

/** Adds the tones of a mixture to the weights, times a factor. */
export function addMixture(mixture: i32, factor: f64): void {
  const second = secondShare(mixture)
  weigh(firstTone(mixture), factor * (1 - second))
  weigh(secondTone(mixture), factor * second)
}

export function weightOf(tone: i32): f64 {
  return load<f64>(weights + ((<usize>tone) << 3))
}

/** The mixture that stands for the weights: that of the two strongest tones, less the third's. */
export function mixtureOfWeights(tones: i32): i32 {
  let first = 0
  let second = -1
  let third = -1
  for (let tone = 1; tone < tones; tone++) {
    const weight = weightOf(tone)
    if (weight > weightOf(first)) {
      third = second
      second = first
      first = tone
    } else if (second < 0 || weight > weightOf(second)) {
      third = second
      second = tone
    } else if (third < 0 || weight > weightOf(third)) third = tone
  }
  if (second < 0) return pureTone(first)
  const rest = third < 0 ? 0 : weightOf(third)
  const one = weightOf(first) - rest
  const other = weightOf(second) - rest
  return one + other > 0 ? mixtureOf(first, second, other / (one + other)) : pureTone(first)
}

/** The mixture on the way from one to another, `share` (0 to 1) of it behind. */
export function blendMixtures(one: i32, other: i32, share: f64): i32 {
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
  if (c == a) {
    weightA += weightC
    weightC = 0
  } else if (c == b) {
    weightB += weightC
    weightC = 0
  }
  if (d == a) {
    weightA += weightD
    weightD = 0
  } else if (d == b) {
    weightB += weightD
    weightD = 0
  }
  // The two strongest to the front; what is left of the others is at most the third's.
  if (weightC > weightA || weightD > weightA || weightB > weightA) {
    const tone = a
    const weight = weightA
    if (weightB >= weightC && weightB >= weightD) {
      a = b
      weightA = weightB
      b = tone
      weightB = weight
    } else if (weightC >= weightD) {
      a = c
      weightA = weightC
      c = tone
      weightC = weight
    } else {
      a = d
      weightA = weightD
      d = tone
      weightD = weight
    }
  }
  const tone = b
  const weight = weightB
  if (weightC > weightB && weightC >= weightD) {
    b = c
    weightB = weightC
    c = tone
    weightC = weight
  } else if (weightD > weightB) {
    b = d
    weightB = weightD
    d = tone
    weightD = weight
  }
  if (weightB <= 0) return pureTone(a)
  const rest = weightC > weightD ? weightC : weightD
  const sum = weightA + weightB - 2 * rest
  return sum > 0 ? mixtureOf(a, b, (weightB - rest) / sum) : pureTone(a)
}
