import type { RegionNodes } from '../protocol.ts'
import { MIXTURES, type Mixture } from './mixture.ts'

/** Steps of a shade in one unit of OKLab lightness. */
export const SHADE_STEPS = 256
/** A node's key is its mixture, and its shade from -128 to 127 steps in the lowest byte. */
const SHADE_BITS = 8
const SHADE_OFFSET = 1 << (SHADE_BITS - 1)
const MAX_NODES = 0xffff

/** Shades in whole numbers have this many bits for the fraction of a step. */
export const FIXED_BITS = 16
export const FIXED_ONE = 1 << FIXED_BITS

export const keyMixture = (key: number): Mixture => key >> SHADE_BITS
/** Shade of a key, in OKLab lightness. */
export const keyShade = (key: number): number => ((key & 0xff) - SHADE_OFFSET) / SHADE_STEPS

/**
 * Numbers the nodes of one image after the other as they are first seen. One table serves all images of a
 * thread, because it is large and few of its places are used.
 */
export class NodeTable {
  /** Number of each key's node, plus one; 0 where it has none. */
  private readonly numbers = new Uint16Array(MIXTURES << SHADE_BITS)
  private readonly keys = new Uint32Array(MAX_NODES)
  private count = 0
  private grain = 1
  private isFull = false

  /** Forgets all nodes. From now on shades are rounded to multiples of `grain` steps. */
  reset(grain: number): void {
    for (let node = 0; node < this.count; node++) this.numbers[this.keys[node]!] = 0
    this.count = 0
    this.grain = grain
    this.isFull = false
  }

  /** True when there were more nodes than can be numbered; the numbers given since then are wrong. */
  get full(): boolean {
    return this.isFull
  }

  /** Number of the node with a mixture and a shade in steps, which may have a fraction and is clipped to a byte. */
  node(mixture: Mixture, shadeSteps: number): number {
    return this.nodeOfFixed(mixture, (shadeSteps * FIXED_ONE) | 0)
  }

  /** The same for a shade in steps times FIXED_ONE. */
  nodeOfFixed(mixture: Mixture, shade: number): number {
    // Not Math.round and the like: this runs once a pixel.
    let part = (shade + (SHADE_OFFSET * FIXED_ONE + FIXED_ONE / 2)) >> FIXED_BITS
    if (this.grain !== 1) part = this.coarse(part)
    if (part < 0) part = 0
    else if (part >= 2 * SHADE_OFFSET) part = 2 * SHADE_OFFSET - 1
    const key = (mixture << SHADE_BITS) | part
    const known = this.numbers[key]!
    return known > 0 ? known - 1 : this.add(key)
  }

  /** A part of a key, rounded so that its shade is a multiple of the grain. */
  private coarse(part: number): number {
    return Math.round((part - SHADE_OFFSET) / this.grain) * this.grain + SHADE_OFFSET
  }

  private add(key: number): number {
    if (this.count === MAX_NODES) {
      this.isFull = true
      return 0
    }
    const node = this.count++
    this.keys[node] = key
    this.numbers[key] = node + 1
    return node
  }

  /** Keys of all nodes, in shared memory. */
  nodes(): RegionNodes {
    const keys = new Uint32Array(new SharedArrayBuffer(this.count * 4))
    keys.set(this.keys.subarray(0, this.count))
    return { keys }
  }
}
