/** The new colours of all nodes of an image: what `src/threads/recolour/node-colours.ts` prepares, node by node. */
import {
  firstTone,
  hasThree,
  MAX_TONES,
  secondShare,
  secondSteps,
  secondTone,
  SHARE_STEPS,
  thirdSteps,
  threeTones,
} from './mixture'
import { SHADE_BITS, SHADE_OFFSET, SHADE_STEPS } from './node-table'
import { paintColours } from './paint'

/** The 8-bit sRGB value of light in so many steps, u8; filled from there. */
const LIGHT_STEPS: i32 = 1 << 14
export const byteOfStep: usize = memory.data(LIGHT_STEPS + 1, 16)
/** Of each tone: OKLab of the colour it takes, three f32 and nothing; how much lighter it is, f32; and that colour, u32. */
export const toneTargets: usize = memory.data(MAX_TONES * 16, 16)
export const toneOffsets: usize = memory.data(MAX_TONES * 4, 16)
export const toneWords: usize = memory.data(MAX_TONES * 4, 16)

/** From OKLab's parts to the cube roots of l, m and s, and from these, cubed, to red, green and blue: f32, and nothing. */
const toRoots: usize = memory.data<f32>(
  [0.3963377774, -0.1055613458, -0.0894841775, 0, 0.2158037573, -0.0638541728, -1.291485548, 0],
  16,
)
const toLight: usize = memory.data<f32>(
  [
    4.0767416621, -1.2684380046, -0.0041960863, 0, -3.3077115913, 2.6097574011, -0.7034186147, 0,
    0.2309699292, -0.3413193965, 1.707614701, 0,
  ],
  16,
)

/** Turns the keys of so many nodes, which lie at {@link paintColours}, into their colours; `gain` is of their shades. */
export function colourNodes(count: i32, gain: f32): void {
  for (let node = paintColours; node < paintColours + ((<usize>count) << 2); node += 4) {
    store<u32>(node, colourOf(load<u32>(node), gain))
  }
}

function colourOf(key: i32, gain: f32): u32 {
  const mixture = key >> SHADE_BITS
  let first = <usize>firstTone(mixture)
  let second = <usize>secondTone(mixture)
  let third = first
  let ofSecond = <f32>secondShare(mixture)
  let ofThird: f32 = 0
  if (hasThree(mixture)) {
    const tones = threeTones(mixture)
    first = <usize>(tones >> 6)
    second = <usize>((tones >> 3) & 7)
    third = <usize>(tones & 7)
    ofSecond = <f32>secondSteps(mixture) / <f32>SHARE_STEPS
    ofThird = <f32>thirdSteps(mixture) / <f32>SHARE_STEPS
  }
  const own = load<f32>(toneOffsets + (first << 2))
  const offset =
    own +
    (load<f32>(toneOffsets + (second << 2)) - own) * ofSecond +
    (load<f32>(toneOffsets + (third << 2)) - own) * ofThird
  const steps = (key & ((1 << SHADE_BITS) - 1)) - SHADE_OFFSET
  const shade = (<f32>steps / <f32>SHADE_STEPS + offset) * gain
  const word = load<u32>(toneWords + (first << 2))
  const isOneColour =
    word == load<u32>(toneWords + (second << 2)) && word == load<u32>(toneWords + (third << 2))
  if (shade == 0 && isOneColour) return word
  const from = v128.load(toneTargets + (first << 4))
  const toSecond = f32x4.sub(v128.load(toneTargets + (second << 4)), from)
  const toThird = f32x4.sub(v128.load(toneTargets + (third << 4)), from)
  const way = f32x4.add(f32x4.mul(toSecond, f32x4.splat(ofSecond)), f32x4.mul(toThird, f32x4.splat(ofThird)))
  return wordOfLab(shaded(f32x4.add(from, way), shade))
}

/**
 * Towards white or black, with a soft knee, so that the shade stays a colour of the screen. Steps are of the lightness that
 * is seen: OKLab's own is steep near black, where a step would show nothing.
 */
function shaded(lab: v128, shade: f32): v128 {
  const l = f32x4.extract_lane(lab, 0)
  const end = select<f32>(max<f32>(1, l), min<f32>(0, l), shade > 0)
  const own = seen(l)
  const whole = seen(end) - own
  const room = abs(whole)
  const step = abs(shade)
  if (room == 0) return lab
  const part = (unseen(own + (whole * step) / (room + step)) - l) / (end - l)
  const to = f32x4.replace_lane(f32x4.splat(0), 0, end)
  return f32x4.add(lab, f32x4.mul(f32x4.sub(to, lab), f32x4.splat(part)))
}

/** Björn Ottosson's estimate of lightness as it is seen (Lr of "Okhsv and Okhsl", 2021), and back; both 0 to 1. */
const K1: f32 = 0.206
const K2: f32 = 0.03
const K3: f32 = (1 + K1) / (1 + K2)

function seen(l: f32): f32 {
  const x = K3 * l - K1
  return 0.5 * (x + sqrt<f32>(x * x + 4 * K2 * K3 * l))
}

function unseen(l: f32): f32 {
  return (l * (l + K1)) / (K3 * (l + K2))
}

/** 8-bit sRGB of an OKLab colour, `0xBBGGRR`. */
function wordOfLab(lab: v128): u32 {
  const a = f32x4.mul(i32x4.shuffle(lab, lab, 1, 1, 1, 1), v128.load(toRoots))
  const b = f32x4.mul(i32x4.shuffle(lab, lab, 2, 2, 2, 2), v128.load(toRoots, 16))
  const roots = f32x4.add(f32x4.add(i32x4.shuffle(lab, lab, 0, 0, 0, 0), a), b)
  const cubes = f32x4.mul(f32x4.mul(roots, roots), roots)
  const l = f32x4.mul(i32x4.shuffle(cubes, cubes, 0, 0, 0, 0), v128.load(toLight))
  const m = f32x4.mul(i32x4.shuffle(cubes, cubes, 1, 1, 1, 1), v128.load(toLight, 16))
  const s = f32x4.mul(i32x4.shuffle(cubes, cubes, 2, 2, 2, 2), v128.load(toLight, 32))
  const light = f32x4.add(f32x4.add(l, m), s)
  const inside = f32x4.pmax(f32x4.splat(0), f32x4.pmin(f32x4.splat(1), light))
  const rounded = f32x4.add(f32x4.mul(inside, f32x4.splat(<f32>LIGHT_STEPS)), f32x4.splat(0.5))
  const steps = i32x4.trunc_sat_f32x4_s(rounded)
  return (
    byteOf(i32x4.extract_lane(steps, 0)) |
    (byteOf(i32x4.extract_lane(steps, 1)) << 8) |
    (byteOf(i32x4.extract_lane(steps, 2)) << 16)
  )
}

function byteOf(step: i32): u32 {
  return <u32>load<u8>(byteOfStep + <usize>step)
}
