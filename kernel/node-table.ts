import { MIXTURES } from './mixture'

/** Steps of a shade in one unit of OKLab lightness. */
export const SHADE_STEPS: f64 = 256
export const SHADE_BITS: i32 = 8
export const SHADE_OFFSET: i32 = 1 << (SHADE_BITS - 1)
const MAX_NODES: i32 = 0xffff

/** Shades in whole numbers have this many bits for the fraction of a step. */
export const FIXED_BITS: i32 = 16
export const FIXED_ONE: i32 = 1 << FIXED_BITS
/** What is added to a shade so that its part of the key is rounded and not negative. */
export const ROUNDED_OFFSET: i32 = SHADE_OFFSET * FIXED_ONE + FIXED_ONE / 2

/** Number of each key's node, plus one, u16; 0 where it has none. */
const numbers: usize = memory.data((MIXTURES << SHADE_BITS) * 2, 16)
/** Key of each node, u32: its mixture, and its shade from -128 to 127 steps in the lowest byte. */
export const nodeKeys: usize = memory.data(MAX_NODES * 4, 16)
export let nodeCount: i32 = 0
/** True when there were more nodes than can be numbered; the numbers given since then are wrong. */
export let isFull: bool = false
let grain: i32 = 1

/** Forgets all nodes. From now on shades are rounded to multiples of so many steps. */
export function resetNodes(grainSteps: i32): void {
  for (let node = 0; node < nodeCount; node++) {
    store<u16>(numbers + ((<usize>load<u32>(nodeKeys + ((<usize>node) << 2))) << 1), 0)
  }
  nodeCount = 0
  grain = grainSteps
  isFull = false
}

/** Number of the node with a mixture and a shade in steps, which is clipped to a byte. */
export function nodeOf(mixture: i32, shadeSteps: f64): i32 {
  return nodeOfFixed(mixture, <i32>(shadeSteps * FIXED_ONE))
}

/** The same for a shade in steps times FIXED_ONE. */
export function nodeOfFixed(mixture: i32, shade: i32): i32 {
  let part = (shade + ROUNDED_OFFSET) >> FIXED_BITS
  if (grain != 1) part = coarse(part)
  return nodeOfKey((mixture << SHADE_BITS) | max(0, min(2 * SHADE_OFFSET - 1, part)))
}

/** Whether shades are rounded to single steps. */
export function areExact(): bool {
  return grain == 1
}

/** Number of the node with a key. */
export function nodeOfKey(key: i32): i32 {
  const known = <i32>load<u16>(numbers + ((<usize>key) << 1))
  return known > 0 ? known - 1 : add(key)
}

/** A part of a key, rounded so that its shade is a multiple of the grain. */
function coarse(part: i32): i32 {
  return <i32>Math.round(<f64>(part - SHADE_OFFSET) / <f64>grain) * grain + SHADE_OFFSET
}

function add(key: i32): i32 {
  if (nodeCount == MAX_NODES) {
    isFull = true
    return 0
  }
  const node = nodeCount++
  store<u32>(nodeKeys + ((<usize>node) << 2), key)
  store<u16>(numbers + ((<usize>key) << 1), <u16>(node + 1))
  return node
}
