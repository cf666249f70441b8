import {
  firstTone,
  hasThree,
  MAX_TONES,
  mixtureOf,
  PAIRS,
  pureTone,
  secondShare,
  secondSteps,
  secondTone,
  SHARE_STEPS,
  thirdSteps,
  threeTones,
} from './mixture'
import { SHADE_STEPS } from './node-table'

/** OKLab of each tone, three f64 each. */
export const toneLabs: usize = memory.data(MAX_TONES * 3 * 8, 16)
/** The same part by part, f32: lightness of all eight, then green-red, then blue-yellow. */
export const tonesByPart: usize = memory.data(MAX_TONES * 3 * 4, 16)
export let toneCount: i32 = 0
/** Tones before this one are of no colour that is judged by itself. */
let start: i32 = 0

/** Lightness of each mixture of two in steps of a shade, f64. */
const lightness: usize = memory.data(PAIRS * 8, 16)

/** Takes up the tones of an image, which lie at {@link toneLabs}. */
export function setTones(count: i32, first: i32): void {
  toneCount = count
  start = first
  for (let tone: usize = 0; tone < <usize>count; tone++) {
    for (let part: usize = 0; part < 3; part++) {
      const value = load<f64>(toneLabs + tone * 24 + (part << 3))
      store<f32>(tonesByPart + part * (MAX_TONES << 2) + (tone << 2), <f32>value)
    }
  }
  for (let mixture = 0; mixture < PAIRS; mixture++) {
    const one = load<f64>(labOf(firstTone(mixture))) * SHADE_STEPS
    const other = load<f64>(labOf(secondTone(mixture))) * SHADE_STEPS
    store<f64>(lightness + ((<usize>mixture) << 3), one + (other - one) * secondShare(mixture))
  }
}

function labOf(tone: i32): usize {
  return toneLabs + <usize>tone * 24
}

/** Lightness of the tones of a mixture, in steps of a shade. */
export function lightnessOfMixture(mixture: i32): f64 {
  if (hasThree(mixture)) return lightnessOfThree(mixture)
  return load<f64>(lightness + ((<usize>mixture) << 3))
}

function lightnessOfThree(mixture: i32): f64 {
  const tones = threeTones(mixture)
  const ofSecond = secondSteps(mixture)
  const ofThird = thirdSteps(mixture)
  const sum =
    load<f64>(labOf(tones >> 6)) * <f64>(SHARE_STEPS - ofSecond - ofThird) +
    load<f64>(labOf((tones >> 3) & 7)) * <f64>ofSecond +
    load<f64>(labOf(tones & 7)) * <f64>ofThird
  return (sum * SHADE_STEPS) / SHARE_STEPS
}

/** Colours that lie off their tone by less than this many steps of a shade are the tone itself: noise. */
export const DEAD_STEPS: f64 = 2

/** A difference of lightness (in steps) less the noise of a flat place. */
export function withoutNoise(off: f64): f64 {
  return off > DEAD_STEPS ? off - DEAD_STEPS : off < -DEAD_STEPS ? off + DEAD_STEPS : 0
}

/** Squared distance of a tone from a colour (OKLab, three f32). */
export function squaredDistanceOfTone(tone: i32, lab: usize): f64 {
  return squaredDistance(tone, <f64>load<f32>(lab), <f64>load<f32>(lab, 4), <f64>load<f32>(lab, 8))
}

function squaredDistance(tone: i32, l: f64, a: f64, b: f64): f64 {
  const at = labOf(tone)
  const dl = l - load<f64>(at)
  const da = a - load<f64>(at, 8)
  const db = b - load<f64>(at, 16)
  return dl * dl + da * da + db * db
}

/** The tone that is nearest to a colour (OKLab, three f32). */
export function nearestTone(lab: usize): i32 {
  const l = <f64>load<f32>(lab)
  const a = <f64>load<f32>(lab, 4)
  const b = <f64>load<f32>(lab, 8)
  let nearest = start
  let least = Infinity
  for (let tone = start; tone < toneCount; tone++) {
    const d = squaredDistance(tone, l, a, b)
    if (d < least) {
      least = d
      nearest = tone
    }
  }
  return nearest
}

/** Squared distance of a colour (OKLab, three f32) from the line between the tones of a mixture of two. */
export function squaredDeviation(lab: usize, mixture: i32): f64 {
  const from = labOf(firstTone(mixture))
  const to = labOf(secondTone(mixture))
  let along: f64 = 0
  let length: f64 = 0
  let own: f64 = 0
  for (let part: usize = 0; part < 3; part++) {
    const start = load<f64>(from + (part << 3))
    const line = load<f64>(to + (part << 3)) - start
    const off = <f64>load<f32>(lab + (part << 2)) - start
    along += line * off
    length += line * line
    own += off * off
  }
  if (length == 0) return own
  const share = min<f64>(1, max<f64>(0, along / length))
  return own - share * (2 * along - share * length)
}

/** Width of the transition between two tones, as a share of their distance. */
const TRANSITION: f64 = 0.5

/** The mixture of the nearest two tones that a colour (OKLab, three f32) is by itself. */
export function mixtureOfLab(lab: usize): i32 {
  const l = <f64>load<f32>(lab)
  const a = <f64>load<f32>(lab, 4)
  const b = <f64>load<f32>(lab, 8)
  const first = nearestTone(lab)
  const own = squaredDistance(first, l, a, b)
  let second = first
  let least = TRANSITION
  for (let tone = start; tone < toneCount; tone++) {
    if (tone == first) continue
    const other = labOf(tone)
    const spacing = squaredDistance(first, load<f64>(other), load<f64>(other, 8), load<f64>(other, 16))
    // 0 on the border between both tones, 1 at the first tone itself.
    const depth = (squaredDistance(tone, l, a, b) - own) / spacing
    if (depth < least) {
      least = depth
      second = tone
    }
  }
  if (second == first) return pureTone(first)
  const nearness = 1 - least / TRANSITION
  return mixtureOf(first, second, (nearness * nearness * (3 - 2 * nearness)) / 2)
}

/** A colour this near to the line between two tones (OKLab) is a mixture of them. */
const MAX_OFF_LINE: f64 = 0.02
/** Lines that differ by less in how near they are to a colour (OKLab) are as near, as those between greys. */
const MAX_ALIKE: f64 = 0.004

/**
 * The mixture of a tone and another to whose line a colour (OKLab, three f32) is closest, of lines as close the longest, so
 * that shades of one colour get the same partner; -1 where it is near to none.
 */
export function mixtureWith(tone: i32, lab: usize): i32 {
  let least: f64 = MAX_OFF_LINE
  for (let other = 0; other < toneCount; other++) {
    if (other != tone) least = min(least, sqrt(squaredDeviation(lab, mixtureOf(tone, other, 0.5))))
  }
  if (least >= MAX_OFF_LINE) return -1
  let farthest: f64 = 0
  let mixture = -1
  for (let other = 0; other < toneCount; other++) {
    if (other == tone || sqrt(squaredDeviation(lab, mixtureOf(tone, other, 0.5))) > least + MAX_ALIKE)
      continue
    const to = labOf(other)
    const distance = squaredDistance(tone, load<f64>(to), load<f64>(to, 8), load<f64>(to, 16))
    if (distance <= farthest) continue
    farthest = distance
    mixture = mixtureOf(tone, other, shareOf(lab, tone, other))
  }
  return mixture
}

/** How far a colour is on the way from one tone to another, 0 to 1. */
function shareOf(lab: usize, first: i32, second: i32): f64 {
  const from = labOf(first)
  const to = labOf(second)
  let along: f64 = 0
  let length: f64 = 0
  for (let part: usize = 0; part < 3; part++) {
    const line = load<f64>(to + (part << 3)) - load<f64>(from + (part << 3))
    along += line * (<f64>load<f32>(lab + (part << 2)) - load<f64>(from + (part << 3)))
    length += line * line
  }
  return min<f64>(1, max<f64>(0, along / length))
}
