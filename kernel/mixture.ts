/**
 * Mixtures of up to three tones, each in one number. One of two: the lower tone, the higher one, 32nds of
 * the higher; a tone alone is a mixture with itself. One of three comes after all those: the number of the three tones,
 * 32nds of the second, 32nds of the third.
 */

export const MAX_TONES: i32 = 8
export const SHARE_STEPS: i32 = 32
const SHARE_BITS: i32 = 5
/** How many numbers those of two take. */
export const PAIRS: i32 = MAX_TONES * MAX_TONES * SHARE_STEPS
const TRIPLES: i32 = (MAX_TONES * (MAX_TONES - 1) * (MAX_TONES - 2)) / 6

/** The three tones of each number of them, lowest first, in three bits each. */
const tonesOfTriple: usize = memory.data(TRIPLES * 2, 16)
let areTriplesKnown: bool = false

/** Makes the table of triples; once is enough. */
export function numberTriples(): void {
  if (areTriplesKnown) return
  areTriplesKnown = true
  for (let third = 2; third < MAX_TONES; third++) {
    for (let second = 1; second < third; second++) {
      for (let first = 0; first < second; first++) {
        const at = tonesOfTriple + ((<usize>tripleOf(first, second, third)) << 1)
        store<u16>(at, <u16>((first << 6) | (second << 3) | third))
      }
    }
  }
}

/** Number of three tones, lowest first: their place among all, by the combinatorial number system. */
function tripleOf(first: i32, second: i32, third: i32): i32 {
  return (third * (third - 1) * (third - 2)) / 6 + (second * (second - 1)) / 2 + first
}

/** Whether a mixture is one of three tones. */
export function hasThree(mixture: i32): bool {
  return mixture >= PAIRS
}

/** The tones of a mixture, as bits. */
export function tonesOf(mixture: i32): i32 {
  if (!hasThree(mixture)) return (1 << firstTone(mixture)) | (1 << secondTone(mixture))
  const tones = threeTones(mixture)
  return (1 << (tones >> 6)) | (1 << ((tones >> 3) & 7)) | (1 << (tones & 7))
}

/** The tones of a mixture of three, lowest first, in three bits each. */
export function threeTones(mixture: i32): i32 {
  const triple = (mixture - PAIRS) >> (2 * SHARE_BITS)
  return <i32>load<u16>(tonesOfTriple + ((<usize>triple) << 1))
}

/** Share of a tone in a mixture, in 32nds. */
export function stepsOf(mixture: i32, tone: i32): i32 {
  if (!hasThree(mixture)) {
    const steps = mixture & (SHARE_STEPS - 1)
    if (secondTone(mixture) == tone) return firstTone(mixture) == tone ? SHARE_STEPS : steps
    return firstTone(mixture) == tone ? SHARE_STEPS - steps : 0
  }
  const tones = threeTones(mixture)
  const ofSecond = (mixture >> SHARE_BITS) & (SHARE_STEPS - 1)
  const ofThird = mixture & (SHARE_STEPS - 1)
  if ((tones & 7) == tone) return ofThird
  if (((tones >> 3) & 7) == tone) return ofSecond
  return tones >> 6 == tone ? SHARE_STEPS - ofSecond - ofThird : 0
}

export function pureTone(tone: i32): i32 {
  return (tone << 8) | (tone << 5)
}

/** First and second tone of a mixture of two, and the share of the second. */
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

/** The mixture of three tones, lowest first, with so many 32nds of the second and of the third, 33 of both at most. */
export function mixtureOfSteps(first: i32, second: i32, third: i32, ofSecond: i32, ofThird: i32): i32 {
  const ofFirst = SHARE_STEPS - ofSecond - ofThird
  if (ofFirst <= 0) return mixtureOf(second, third, <f64>ofThird / <f64>(ofSecond + ofThird))
  if (ofThird == 0) return mixtureOf(first, second, <f64>ofSecond / SHARE_STEPS)
  if (ofSecond == 0) return mixtureOf(first, third, <f64>ofThird / SHARE_STEPS)
  return PAIRS + ((((tripleOf(first, second, third) << SHARE_BITS) | ofSecond) << SHARE_BITS) | ofThird)
}

/** The mixture of three tones in any order, by their weights. */
function mixtureOfThree(
  one: i32,
  two: i32,
  three: i32,
  weightOne: f64,
  weightTwo: f64,
  weightThree: f64,
): i32 {
  const steps = SHARE_STEPS / (weightOne + weightTwo + weightThree)
  const ofOne = <i32>(weightOne * steps + 0.5)
  const ofTwo = <i32>(weightTwo * steps + 0.5)
  const ofThree = max(0, SHARE_STEPS - ofOne - ofTwo)
  if (one < two) {
    if (two < three) return mixtureOfSteps(one, two, three, ofTwo, ofThree)
    if (one < three) return mixtureOfSteps(one, three, two, ofThree, ofTwo)
    return mixtureOfSteps(three, one, two, ofOne, ofTwo)
  }
  if (one < three) return mixtureOfSteps(two, one, three, ofOne, ofThree)
  if (two < three) return mixtureOfSteps(two, three, one, ofThree, ofOne)
  return mixtureOfSteps(three, two, one, ofTwo, ofOne)
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
  if (hasThree(mixture)) {
    for (let tones = tonesOf(mixture); tones != 0; tones &= tones - 1) {
      const tone = ctz(tones)
      weigh(tone, (factor * <f64>stepsOf(mixture, tone)) / SHARE_STEPS)
    }
    return
  }
  const second = secondShare(mixture)
  weigh(firstTone(mixture), factor * (1 - second))
  weigh(secondTone(mixture), factor * second)
}

export function weightOf(tone: i32): f64 {
  return load<f64>(weights + ((<usize>tone) << 3))
}

/** The mixture that stands for the weights: that of the three strongest tones, less the fourth's. */
export function mixtureOfWeights(tones: i32): i32 {
  let first = 0
  let second = 0
  let third = 0
  let ofFirst: f64 = 0
  let ofSecond: f64 = 0
  let ofThird: f64 = 0
  let ofFourth: f64 = 0
  for (let tone = 0; tone < tones; tone++) {
    const weight = weightOf(tone)
    if (weight <= ofFourth) continue
    if (weight <= ofThird) {
      ofFourth = weight
      continue
    }
    ofFourth = ofThird
    if (weight <= ofSecond) {
      third = tone
      ofThird = weight
      continue
    }
    third = second
    ofThird = ofSecond
    if (weight <= ofFirst) {
      second = tone
      ofSecond = weight
      continue
    }
    second = first
    ofSecond = ofFirst
    first = tone
    ofFirst = weight
  }
  return mixtureOfStrongest(first, second, third, ofFirst, ofSecond, ofThird, ofFourth)
}

/** Three tones by their weights, strongest first, less the weight of a fourth. */
function mixtureOfStrongest(
  first: i32,
  second: i32,
  third: i32,
  ofFirst: f64,
  ofSecond: f64,
  ofThird: f64,
  ofFourth: f64,
): i32 {
  const one = ofFirst - ofFourth
  const two = ofSecond - ofFourth
  const three = ofThird - ofFourth
  if (two <= 0) return pureTone(first)
  if (three <= 0) return mixtureOf(first, second, two / (one + two))
  return mixtureOfThree(first, second, third, one, two, three)
}

/** The mixture on the way from one to another, `share` (0 to 1) of it behind. */
export function blendMixtures(one: i32, other: i32, share: f64): i32 {
  if (one == other) return one
  if (hasThree(one) || hasThree(other)) {
    clearWeights()
    addMixture(one, 1 - share)
    addMixture(other, share)
    return mixtureOfWeights(MAX_TONES)
  }
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
  // The two strongest to the front.
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
  return weightC >= weightD
    ? mixtureOfStrongest(a, b, c, weightA, weightB, weightC, weightD)
    : mixtureOfStrongest(a, b, d, weightA, weightB, weightD, weightC)
}
