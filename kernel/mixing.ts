/** Mixtures of mixtures: their tones are weighed, and the strongest of them stand for all. */
import {
  firstTone,
  hasThree,
  MAX_TONES,
  mixtureOf,
  mixtureOfSteps,
  pureTone,
  secondShare,
  secondSteps,
  secondTone,
  SHARE_STEPS,
  thirdSteps,
  threeTones,
  tonesOf,
} from './mixture'

/** A weight of each tone, f64. */
const weights: usize = memory.data(MAX_TONES * 8, 16)
/** So many bytes are the weights of all tones. */
export const WEIGHT_BYTES: usize = MAX_TONES * 8

export function clearWeights(): void {
  for (let at = weights; at < weights + WEIGHT_BYTES; at += 16) v128.store(at, f64x2.splat(0))
}

/** Adds to the weight of a tone. */
function weigh(tone: i32, weight: f64): void {
  const at = weights + ((<usize>tone) << 3)
  store<f64>(at, load<f64>(at) + weight)
}

/** Adds the tones of a mixture to the weights, times a factor. */
function addMixture(mixture: i32, factor: f64): void {
  if (hasThree(mixture)) {
    const tones = threeTones(mixture)
    const ofSecond = secondSteps(mixture)
    const ofThird = thirdSteps(mixture)
    const part = factor / SHARE_STEPS
    weigh(tones >> 6, part * <f64>(SHARE_STEPS - ofSecond - ofThird))
    weigh((tones >> 3) & 7, part * <f64>ofSecond)
    weigh(tones & 7, part * <f64>ofThird)
    return
  }
  const second = secondShare(mixture)
  weigh(firstTone(mixture), factor * (1 - second))
  weigh(secondTone(mixture), factor * second)
}

/** The shares of the tones in a mixture, f64, are written to a place for all of them. */
export function writeShares(mixture: i32, to: usize): void {
  clearWeights()
  addMixture(mixture, 1)
  memory.copy(to, weights, WEIGHT_BYTES)
}

/** Sets the weights to the sum of four mixtures, whose shares lie one after the other, times a factor each. */
export function mixFour(shares: usize, a: f64, b: f64, c: f64, d: f64): void {
  const ofA = f64x2.splat(a)
  const ofB = f64x2.splat(b)
  const ofC = f64x2.splat(c)
  const ofD = f64x2.splat(d)
  for (let at: usize = 0; at < WEIGHT_BYTES; at += 16) {
    const from = shares + at
    const ofUpper = f64x2.add(f64x2.mul(ofA, v128.load(from)), f64x2.mul(ofB, v128.load(from, WEIGHT_BYTES)))
    const ofThree = f64x2.add(ofUpper, f64x2.mul(ofC, v128.load(from, 2 * WEIGHT_BYTES)))
    v128.store(weights + at, f64x2.add(ofThree, f64x2.mul(ofD, v128.load(from, 3 * WEIGHT_BYTES))))
  }
}

export function weightOf(tone: i32): f64 {
  return load<f64>(weights + ((<usize>tone) << 3))
}

/** Adds to the weights of the first tones, four at a time, a factor times as many f32 (what lies behind is of no tone). */
export function weighAll(tones: i32, shares: usize, factor: f64): void {
  const factors = f64x2.splat(factor)
  for (let tone: usize = 0; tone < <usize>tones; tone += 4) {
    const at = weights + (tone << 3)
    const four = v128.load(shares + (tone << 2))
    const low = f64x2.promote_low_f32x4(four)
    const high = f64x2.promote_low_f32x4(i32x4.shuffle(four, four, 2, 3, 0, 1))
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(factors, low)))
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(factors, high)), 16)
  }
}

/**
 * The mixture that stands for the weights of some tones (as bits, lowest first): that of the three strongest, less the
 * fourth's.
 */
export function mixtureOfWeights(tones: i32): i32 {
  let first = 0
  let second = 0
  let third = 0
  let ofFirst: f64 = 0
  let ofSecond: f64 = 0
  let ofThird: f64 = 0
  let ofFourth: f64 = 0
  for (let rest = tones; rest != 0; rest &= rest - 1) {
    const tone = ctz(rest)
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
  clearWeights()
  addMixture(one, 1 - share)
  addMixture(other, share)
  return mixtureOfWeights(tonesOf(one) | tonesOf(other))
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
