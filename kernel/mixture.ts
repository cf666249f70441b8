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
/** Shares of a tone in 32nds, none and all included. */
const STEP_PLACES: i32 = SHARE_STEPS + 1
const TRIPLES: i32 = (MAX_TONES * (MAX_TONES - 1) * (MAX_TONES - 2)) / 6

/** The three tones of each number of them, lowest first, in three bits each. */
const tonesOfTriple: usize = memory.data(TRIPLES * 2, 16)
/** The mixture of each three tones for all 32nds of the second and of the third, u16. */
const mixturesOfTriple: usize = memory.data(TRIPLES * STEP_PLACES * STEP_PLACES * 2, 16)

/** Makes the tables of triples. */
function numberTriples(): void {
  for (let third = 2; third < MAX_TONES; third++) {
    for (let second = 1; second < third; second++) {
      for (let first = 0; first < second; first++) {
        const at = tonesOfTriple + ((<usize>tripleOf(first, second, third)) << 1)
        store<u16>(at, <u16>((first << 6) | (second << 3) | third))
        fillMixtures(first, second, third)
      }
    }
  }
}

function fillMixtures(first: i32, second: i32, third: i32): void {
  const table = mixturesOfThree(first, second, third)
  for (let ofSecond = 0; ofSecond <= SHARE_STEPS; ofSecond++) {
    for (let ofThird = 0; ofThird <= SHARE_STEPS; ofThird++) {
      const mixture = mixtureOfSteps(first, second, third, ofSecond, ofThird)
      store<u16>(table + ((<usize>placeOfSteps(ofSecond, ofThird)) << 1), <u16>mixture)
    }
  }
}

/** The table of the mixtures of three tones, lowest first, which {@link placeOfSteps} gives a place in. */
export function mixturesOfThree(first: i32, second: i32, third: i32): usize {
  return mixturesOfTriple + <usize>(tripleOf(first, second, third) * STEP_PLACES * STEP_PLACES * 2)
}

/** Place of so many 32nds of the second and of the third tone, 33 of both at most. */
export function placeOfSteps(ofSecond: i32, ofThird: i32): i32 {
  return ofSecond * STEP_PLACES + ofThird
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

/** 32nds of the second and of the third tone in a mixture of three. */
export function secondSteps(mixture: i32): i32 {
  return (mixture >> SHARE_BITS) & (SHARE_STEPS - 1)
}

export function thirdSteps(mixture: i32): i32 {
  return mixture & (SHARE_STEPS - 1)
}

/** Share of a tone in a mixture, in 32nds. */
export function stepsOf(mixture: i32, tone: i32): i32 {
  if (!hasThree(mixture)) {
    const steps = mixture & (SHARE_STEPS - 1)
    if (secondTone(mixture) == tone) return firstTone(mixture) == tone ? SHARE_STEPS : steps
    return firstTone(mixture) == tone ? SHARE_STEPS - steps : 0
  }
  const tones = threeTones(mixture)
  const ofSecond = secondSteps(mixture)
  const ofThird = thirdSteps(mixture)
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

// Whatever is asked of this kernel first: a thread may colour the nodes of pictures that others have analysed.
numberTriples()
