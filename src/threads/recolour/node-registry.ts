import type { RegionNodes } from '../protocol.ts'

export const SHARE_STEPS = 48
export const SHADE_STEPS = 256
/** A node's tones take three bits each of its key. */
export const MAX_TONES = 8

const MAX_NODES = 1 << 16
const SLOT_BITS = 17
const SLOT_MASK = (1 << SLOT_BITS) - 1
const HASH_FACTOR = 0x9e3779b1
/** Positions that a blend can have between its two nodes, and one more. */
export const MIX_STEPS = 32

const COARSE_SHADES = 4
/** Shades reach from -1 to 1: ten bits with the sign. */
const SHADE_OFFSET = 512

/** Up to three tones and the shares of the second and third (of SHARE_STEPS) in one number of 21 bits. */
export function packMixture(a: number, b: number, c: number, shareB: number, shareC: number): number {
  const toneB = shareB === 0 ? a : b
  const toneC = shareC === 0 ? a : c
  return (a << 18) | (toneB << 15) | (toneC << 12) | (shareB << 6) | shareC
}

export const toneA = (mixture: number): number => mixture >> 18
export const toneB = (mixture: number): number => (mixture >> 15) & 7
export const toneC = (mixture: number): number => (mixture >> 12) & 7
export const shareB = (mixture: number): number => (mixture >> 6) & 63
export const shareC = (mixture: number): number => mixture & 63

/** Numbers nodes as they are first seen: mixtures of tones in a shade, and blends of two such nodes. */
export class NodeRegistry {
  readonly #slotKey = new Int32Array(1 << SLOT_BITS)
  readonly #slotPart = new Uint8Array(1 << SLOT_BITS)
  /** Number of the slot's node, plus one; 0 in an empty slot. */
  readonly #slotNode = new Uint32Array(1 << SLOT_BITS)
  /** A mixture, or the two nodes of a blend. */
  readonly #first = new Int32Array(MAX_NODES)
  /** A shade, or the position of a blend plus BLEND. */
  readonly #second = new Int16Array(MAX_NODES)
  readonly #grain: number
  #count = 0
  #full = false

  /** Shares and shades are rounded to multiples of `grain`, so that a busy image has fewer nodes. */
  constructor(grain: number) {
    this.#grain = grain
  }

  /** True when there were more nodes than can be numbered; the numbers given since then are wrong. */
  get full(): boolean {
    return this.#full
  }

  /** Number of the node with a mixture and a shade in SHADE_STEPS. */
  node(mixture: number, shade: number): number {
    const grain = this.#grain
    if (grain === 1) return this.#number(mixture, shade, 0)
    const second = Math.round(shareB(mixture) / grain) * grain
    const third = Math.min(SHARE_STEPS - second, Math.round(shareC(mixture) / grain) * grain)
    const coarse = packMixture(toneA(mixture), toneB(mixture), toneC(mixture), second, third)
    return this.#number(coarse, Math.round(shade / grain) * grain, 0)
  }

  /**
   * Number of the node that lies between two others; `position` is 0 (the first) to MIX_STEPS. When there are too
   * many nodes for another blend, it is the nearer of the two.
   */
  blend(from: number, to: number, position: number): number {
    if (from === to || position === 0) return from
    if (position === MIX_STEPS) return to
    if (this.#count >= MAX_NODES - 3) return position * 2 < MIX_STEPS ? from : to
    const one = this.#coarse(from)
    const other = this.#coarse(to)
    if (one === other) return one
    return one < other
      ? this.#number((one << 16) | other, 0, position)
      : this.#number((other << 16) | one, 0, MIX_STEPS - position)
  }

  /** The node of the same tones whose shade is one of few; a blend need not be told from its like. */
  #coarse(node: number): number {
    const shade = this.#second[node]!
    const few = Math.round(shade / COARSE_SHADES) * COARSE_SHADES
    return few === shade ? node : this.node(this.#first[node]!, few)
  }

  /** The mixture of a node that is no blend. */
  mixtureOf(node: number): number {
    return this.#first[node]!
  }

  #number(first: number, shade: number, position: number): number {
    const key = position === 0 ? (first << 10) | (shade + SHADE_OFFSET) : first
    let slot = Math.imul(key ^ (position << 9), HASH_FACTOR) >>> (32 - SLOT_BITS)
    while (this.#slotNode[slot] !== 0) {
      if (this.#slotKey[slot] === key && this.#slotPart[slot] === position) return this.#slotNode[slot]! - 1
      slot = (slot + 1) & SLOT_MASK
    }
    if (this.#count === MAX_NODES) {
      this.#full = true
      return 0
    }
    const node = this.#count++
    this.#slotKey[slot] = key
    this.#slotPart[slot] = position
    this.#slotNode[slot] = node + 1
    this.#first[node] = first
    this.#second[node] = position === 0 ? shade : BLEND + position
    return node
  }

  /** All nodes, in shared memory. */
  finish(): RegionNodes {
    const count = this.#count
    const first = new Int32Array(new SharedArrayBuffer(count * 4))
    const second = new Int16Array(new SharedArrayBuffer(count * 2))
    first.set(this.#first.subarray(0, count))
    second.set(this.#second.subarray(0, count))
    return { count, first, second }
  }
}

/** Beyond every shade: marks a node as a blend. */
export const BLEND = 4096
