/**
 * The few thousand different states that the pixels of an image can be in. All pixels of one node get the same
 * new colour, so a palette needs one calculation a node and one look-up a pixel.
 */
export type PixelNodes = {
  readonly count: number
  /** Number of each pixel's node. */
  readonly ofPixel: Uint16Array
  /** Three tones a node, the strongest first. */
  readonly tones: Uint8Array
  /** Shares of the three tones; they add up to SHARE_STEPS. */
  readonly shares: Uint8Array
  /** Lightness of the pixels above (or below) that of their tones, in steps of 1 / SHADE_STEPS. */
  readonly shades: Int16Array
}

/** Tones of a node, and the shares of the second and the third, of SHARE_STEPS. */
export type Mixture = {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly shareB: number
  readonly shareC: number
}

export const SHARE_STEPS = 48
export const SHADE_STEPS = 256
/** A node's tones take three bits each of its key. */
export const MAX_TONES = 8

const MAX_NODES = 1 << 16
const SLOT_BITS = 17
const HASH_FACTOR = 0x9e3779b1
/** Shades reach from -1 to 1: ten bits with the sign. */
const SHADE_OFFSET = 512

/** Numbers nodes as they are first seen. */
export class NodeRegistry {
  readonly #slotKey = new Int32Array(1 << SLOT_BITS).fill(-1)
  readonly #slotNode = new Uint16Array(1 << SLOT_BITS)
  readonly #tones = new Uint8Array(MAX_NODES * 3)
  readonly #shares = new Uint8Array(MAX_NODES * 3)
  readonly #shades = new Int16Array(MAX_NODES)
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
  number({ a, b, c, shareB, shareC }: Mixture, shade: number): number {
    const grain = this.#grain
    const second = Math.round(shareB / grain) * grain
    const third = Math.min(SHARE_STEPS - second, Math.round(shareC / grain) * grain)
    const level = Math.round(shade / grain) * grain
    const toneB = second === 0 ? a : b
    const toneC = third === 0 ? a : c
    const mixture = ((((((a << 3) | toneB) << 3) | toneC) << 6) | second) << 6
    const key = ((mixture | third) << 10) | (level + SHADE_OFFSET)
    let slot = Math.imul(key, HASH_FACTOR) >>> (32 - SLOT_BITS)
    while (this.#slotKey[slot] !== key && this.#slotKey[slot] !== -1)
      slot = (slot + 1) & ((1 << SLOT_BITS) - 1)
    if (this.#slotKey[slot] === key) return this.#slotNode[slot]!
    if (this.#count === MAX_NODES) {
      this.#full = true
      return 0
    }
    const node = this.#count++
    this.#slotKey[slot] = key
    this.#slotNode[slot] = node
    this.#tones.set([a, toneB, toneC], node * 3)
    this.#shares.set([SHARE_STEPS - second - third, second, third], node * 3)
    this.#shades[node] = level
    return node
  }

  mixtureOf(node: number): Mixture {
    const at = node * 3
    return {
      a: this.#tones[at]!,
      b: this.#tones[at + 1]!,
      c: this.#tones[at + 2]!,
      shareB: this.#shares[at + 1]!,
      shareC: this.#shares[at + 2]!,
    }
  }

  /** All nodes, in shared memory. */
  finish(ofPixel: Uint16Array): PixelNodes {
    const count = this.#count
    const tones = new Uint8Array(new SharedArrayBuffer(count * 3))
    const shares = new Uint8Array(new SharedArrayBuffer(count * 3))
    const shades = new Int16Array(new SharedArrayBuffer(count * 2))
    tones.set(this.#tones.subarray(0, count * 3))
    shares.set(this.#shares.subarray(0, count * 3))
    shades.set(this.#shades.subarray(0, count))
    return { count, ofPixel, tones, shares, shades }
  }
}
