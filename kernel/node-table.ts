import { PAIRS } from './mixture'

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

/** Keys of mixtures of two; those of three come behind. */
const PAIR_KEYS: i32 = PAIRS << SHADE_BITS
/** Number of the node of each key of two, plus one, u16; 0 where it has none. */
const numbers: usize = memory.data(PAIR_KEYS * 2, 16)
/**
 * The same for the keys of three, of which an image has but a few: a hash table with linear probing, which is never more
 * than half full.
 */
const SLOT_BITS: i32 = 17
const slots: usize = memory.data((1 << SLOT_BITS) * 2, 16)
/** Spreads keys over the slots: 2 to the power of 32 over the golden ratio (Knuth's multiplicative hashing). */
const SPREAD: i32 = 0x9e3779b1
/** Key of each node, u32: its mixture, and its shade from -128 to 127 steps in the lowest byte. */
export const nodeKeys: usize = memory.data(MAX_NODES * 4, 16)
export let nodeCount: i32 = 0
/** True when there were more nodes than can be numbered; the numbers given since then are wrong. */
export let isFull: bool = false
let grain: i32 = 1

/** Forgets all nodes. From now on shades are rounded to multiples of so many steps. */
export function resetNodes(grainSteps: i32): void {
  let hasThree = false
  for (let node = 0; node < nodeCount; node++) {
    const key = keyOf(node)
    if (key < PAIR_KEYS) store<u16>(numbers + ((<usize>key) << 1), 0)
    else hasThree = true
  }
  if (hasThree) memory.fill(slots, 0, 2 << SLOT_BITS)
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
  if (key >= PAIR_KEYS) return nodeOfThree(key)
  const place = numbers + ((<usize>key) << 1)
  const known = <i32>load<u16>(place)
  return known > 0 ? known - 1 : add(key, place)
}

function nodeOfThree(key: i32): i32 {
  let slot = (key * SPREAD) >>> (32 - SLOT_BITS)
  let place = slots + ((<usize>slot) << 1)
  let known = <i32>load<u16>(place)
  while (known > 0 && keyOf(known - 1) != key) {
    slot = (slot + 1) & ((1 << SLOT_BITS) - 1)
    place = slots + ((<usize>slot) << 1)
    known = <i32>load<u16>(place)
  }
  return known > 0 ? known - 1 : add(key, place)
}

function keyOf(node: i32): i32 {
  return load<i32>(nodeKeys + ((<usize>node) << 2))
}

/** A part of a key, rounded so that its shade is a multiple of the grain. */
function coarse(part: i32): i32 {
  return <i32>Math.round(<f64>(part - SHADE_OFFSET) / <f64>grain) * grain + SHADE_OFFSET
}

/** Makes a node, whose number is looked up in a place from now on. */
function add(key: i32, place: usize): i32 {
  if (nodeCount == MAX_NODES) {
    isFull = true
    return 0
  }
  const node = nodeCount++
  store<u32>(nodeKeys + ((<usize>node) << 2), key)
  store<u16>(place, <u16>(node + 1))
  return node
}
