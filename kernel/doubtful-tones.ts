/**
 * Samples whose colour no tone explains, as those of highlights and dark rims: the nearest tone may be that of quite another
 * thing. They take the tone of what they run into.
 */
import { squaredDistance } from './lab-distance'
import { isVisible } from './own-samples'
import { columns, FLAT, kinds, labs, listed, nearestTones, nodesOfSamples, rgb, rows } from './plane'
import { mixtureOfLab, squaredDeviation, squaredDistanceOfTone } from './tones'

/** A colour farther than this from its tone, and from the line to another that it may be mixed with, is doubtful (OKLab). */
const MAX_UNEXPLAINED: f64 = 0.06
/** At an edge, where colours are mixed, others go by what is nearer than this to its tone. */
const MAX_OFF_TONE: f64 = 0.06

/** Samples side by side that differ by more than this do not run into each other (OKLab). */
const MAX_STEP: f64 = 0.06
/** A tone goes as many samples far at most, those of one colour counted as one. */
const MAX_ROUNDS: i32 = 16

/** Where more than one in so many is doubtful, colours are not like those of a few regions, and each goes by its own. */
const MOST_DOUBTS: usize = 8

const SURE: u16 = 0
const DOUBTFUL: u16 = 1
/** Its tone has been found in an earlier round. */
const FOUND: u16 = 2
/** Neither, as a mixture at an edge: nothing goes by it. */
const OTHER: u16 = 3
/** Doubtful, and looked at in this round: without success, or with. */
const LEFT: u16 = 4
const JUST_FOUND: u16 = 5

function stateOf(sample: usize): u16 {
  return load<u16>(nodesOfSamples + (sample << 1))
}

function setState(sample: usize, state: u16): void {
  store<u16>(nodesOfSamples + (sample << 1), state)
}

/** Whether the tone of a sample is one that its colour alone does not tell. */
export function hasFoundTone(sample: usize): bool {
  return stateOf(sample) == FOUND
}

/** Whether the colour of a sample is neither a tone's nor, as far as is known, that of what it runs into. */
export function hasNoTone(sample: usize): bool {
  return stateOf(sample) != SURE && stateOf(sample) != FOUND
}

/**
 * Gives doubtful samples the tones of what they run into, from its border inwards, and those of one colour side by side the
 * same tone: a flat place stays flat. All samples have the tone that is nearest to their colour before.
 */
export function settleDoubts(): void {
  let doubts = judgeAll()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (let place: usize = 0; place < doubts; place++) {
      if (stateOf(doubtAt(place)) == DOUBTFUL) settleArea(doubtAt(place), doubts)
    }
    // From the next round on others go by those that are found; those that are left come to the front of the list.
    let left: usize = 0
    for (let place: usize = 0; place < doubts; place++) {
      const sample = doubtAt(place)
      if (stateOf(sample) == JUST_FOUND) setState(sample, FOUND)
      else {
        setState(sample, DOUBTFUL)
        list(left++, sample)
      }
    }
    if (left == doubts) return
    doubts = left
  }
}

/** Sees to a doubtful sample with all of its colour that it hangs together with, which are listed from a place on. */
function settleArea(first: usize, start: usize): void {
  areaEnd = start
  mostAlike = -1
  leastDistance = MAX_STEP * MAX_STEP
  setState(first, LEFT)
  list(areaEnd++, first)
  for (let place = start; place < areaEnd; place++) lookAround(doubtAt(place))
  if (mostAlike < 0) return
  const tone = load<u8>(nearestTones + <usize>mostAlike)
  for (let place = start; place < areaEnd; place++) {
    const sample = doubtAt(place)
    store<u8>(nearestTones + sample, tone)
    setState(sample, JUST_FOUND)
  }
}

/** Where the list of the area at hand ends. */
let areaEnd: usize = 0
/** Of the samples around it whose tones are known, the most alike that it runs into; -1 where there is none so far. */
let mostAlike: i32 = -1
let leastDistance: f64 = 0

function lookAround(sample: usize): void {
  const column = <i32>sample % columns
  const row = <i32>sample / columns
  const colour = load<i32>(rgb + (sample << 2))
  for (let y = max(0, row - 1); y <= min(rows - 1, row + 1); y++) {
    for (let x = max(0, column - 1); x <= min(columns - 1, column + 1); x++) {
      const other = <usize>(y * columns + x)
      const state = stateOf(other)
      if (state == SURE || state == FOUND) {
        const distance = squaredDistance(labs + other * 12, labs + sample * 12)
        if (distance >= leastDistance) continue
        leastDistance = distance
        mostAlike = <i32>other
      } else if (state == DOUBTFUL && load<i32>(rgb + (other << 2)) == colour) {
        setState(other, LEFT)
        list(areaEnd++, other)
      }
    }
  }
}

function doubtAt(place: usize): usize {
  return <usize>load<u32>(listed + (place << 2))
}

function list(place: usize, sample: usize): void {
  store<u32>(listed + (place << 2), <u32>sample)
}

/** Says of each sample whether it is doubtful, and lists those; returns how many there are, none where they are too many. */
function judgeAll(): usize {
  const samples = <usize>(columns * rows)
  const most = countVisible() / MOST_DOUBTS
  let doubts: usize = 0
  for (let sample: usize = 0; sample < samples; sample++) {
    const state = isVisible(sample) ? judge(sample) : OTHER
    setState(sample, state)
    if (state != DOUBTFUL) continue
    if (doubts == most) {
      memory.fill(nodesOfSamples, <u8>SURE, samples << 1)
      return 0
    }
    list(doubts++, sample)
  }
  return doubts
}

function countVisible(): usize {
  let visible: usize = 0
  for (let sample: usize = 0; sample < <usize>(columns * rows); sample++) visible += <usize>isVisible(sample)
  return visible
}

function judge(sample: usize): u16 {
  const lab = labs + sample * 12
  const off = squaredDistanceOfTone(<i32>load<u8>(nearestTones + sample), lab)
  if (
    off > MAX_UNEXPLAINED * MAX_UNEXPLAINED &&
    squaredDeviation(lab, mixtureOfLab(lab)) > MAX_UNEXPLAINED * MAX_UNEXPLAINED
  ) {
    return DOUBTFUL
  }
  return <i32>load<u8>(kinds + sample) == FLAT || off < MAX_OFF_TONE * MAX_OFF_TONE ? SURE : OTHER
}
