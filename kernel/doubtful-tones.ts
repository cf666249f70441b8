/**
 * Samples whose colour no tone explains, as those of highlights and dark rims: the nearest tone may be that of quite another
 * thing. They take the tone of what they run into.
 */
import { columns, FLAT, HIDDEN, kinds, labs, listed, mask, nearestTones, nodesOfSamples, rows } from './plane'
import { mixtureOfLab, squaredDeviation, squaredDistance } from './tones'

/** A colour farther than this from the line between its two nearest tones is not explained by them (OKLab). */
const MAX_UNEXPLAINED: f64 = 0.06
/** At an edge, where colours are mixed, others go by what is nearer than this to its tone. */
const MAX_OFF_TONE: f64 = 0.06

/** Samples side by side that differ by more than this do not run into each other (OKLab). */
const MAX_STEP: f64 = 0.06
/** A tone goes as many samples far at most. */
const MAX_ROUNDS: i32 = 16

/** Where more than one in so many is doubtful, colours are not like those of a few regions, and each goes by its own. */
const MOST_DOUBTS: usize = 8

/** Samples that show something beside the background. */
let visible: usize = 0

const SURE: u16 = 0
const DOUBTFUL: u16 = 1
/** Its tone has been found in an earlier round. */
const FOUND: u16 = 2
/** None of them: nothing goes by it. */
const OTHER: u16 = 3

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

/** Gives doubtful samples the tones of what they run into, from its border inwards; all have their nearest tone before. */
export function settleDoubts(): void {
  let doubts = judgeAll()
  if (doubts * MOST_DOUBTS > visible) return
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let left: usize = 0
    let settled: usize = doubts
    // Those that are left come to the front of the list, those that have a tone now behind the end of it.
    for (let place: usize = 0; place < doubts; place++) {
      const sample = doubtAt(place)
      const like = mostAlikeBeside(sample)
      if (like < 0) {
        list(left++, sample)
        continue
      }
      store<u8>(nearestTones + sample, load<u8>(nearestTones + <usize>like))
      list(settled++, sample)
    }
    // From the next round on others go by them: so the order of samples makes no difference.
    for (let place = doubts; place < settled; place++) setState(doubtAt(place), FOUND)
    if (left == doubts) return
    doubts = left
  }
}

function doubtAt(place: usize): usize {
  return <usize>load<u32>(listed + (place << 2))
}

function list(place: usize, sample: usize): void {
  store<u32>(listed + (place << 2), <u32>sample)
}

/** Says of each sample whether it is doubtful, and lists those; returns how many there are. */
function judgeAll(): usize {
  let doubts: usize = 0
  visible = 0
  for (let sample: usize = 0; sample < <usize>(columns * rows); sample++) {
    if (load<u8>(mask + sample) == 1 || <i32>load<u8>(kinds + sample) == HIDDEN) {
      setState(sample, OTHER)
      continue
    }
    visible++
    const state = judge(sample)
    setState(sample, state)
    if (state != DOUBTFUL) continue
    list(doubts++, sample)
  }
  return doubts
}

function judge(sample: usize): u16 {
  const lab = labs + sample * 12
  const l = <f64>load<f32>(lab)
  const a = <f64>load<f32>(lab, 4)
  const b = <f64>load<f32>(lab, 8)
  const off = squaredDistance(<i32>load<u8>(nearestTones + sample), l, a, b)
  if (
    off > MAX_UNEXPLAINED * MAX_UNEXPLAINED &&
    squaredDeviation(lab, mixtureOfLab(lab)) > MAX_UNEXPLAINED * MAX_UNEXPLAINED
  ) {
    return DOUBTFUL
  }
  return <i32>load<u8>(kinds + sample) == FLAT || off < MAX_OFF_TONE * MAX_OFF_TONE ? SURE : OTHER
}

/** Of the samples around one whose tones are known, the most alike that it runs into; -1 where there is none. */
function mostAlikeBeside(sample: usize): i32 {
  let least: f64 = MAX_STEP * MAX_STEP
  const column = <i32>sample % columns
  const row = <i32>sample / columns
  let best = -1
  for (let y = max(0, row - 1); y <= min(rows - 1, row + 1); y++) {
    for (let x = max(0, column - 1); x <= min(columns - 1, column + 1); x++) {
      const other = <usize>(y * columns + x)
      const state = stateOf(other)
      if (state != SURE && state != FOUND) continue
      const distance = squaredDistanceBetween(other, sample)
      if (distance >= least) continue
      least = distance
      best = <i32>other
    }
  }
  return best
}

function squaredDistanceBetween(one: usize, other: usize): f64 {
  const l = <f64>load<f32>(labs + one * 12) - <f64>load<f32>(labs + other * 12)
  const a = <f64>load<f32>(labs + one * 12, 4) - <f64>load<f32>(labs + other * 12, 4)
  const b = <f64>load<f32>(labs + one * 12, 8) - <f64>load<f32>(labs + other * 12, 8)
  return l * l + a * a + b * b
}
