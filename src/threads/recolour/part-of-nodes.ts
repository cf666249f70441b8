import { RUN_FIELDS } from './even-runs.ts'
import type { KernelExports } from '../kernel.ts'

/** Pixels that a part has at most, so that all that is read and written of it stays at hand. */
export const PART_PX = 1 << 15
/** Nodes begin at this many places: shared memory is copied by words. */
const ALIGNED_NODES = 4

/** Hands the nodes of an image to the kernel, part by part in the order of the pixels. */
export class PartOfNodes {
  readonly #pixelNodes: Uint16Array
  readonly #evenRuns: Uint32Array
  readonly #nodes: Uint16Array
  readonly #runs: Uint32Array
  #node = 0
  #firstRun = 0

  /** The kernel must have made room before: its memory may not grow between two parts. */
  constructor(
    { memory, paintNodes, paintRuns }: KernelExports,
    pixelNodes: Uint16Array,
    evenRuns: Uint32Array,
  ) {
    this.#pixelNodes = pixelNodes
    this.#evenRuns = evenRuns
    this.#nodes = new Uint16Array(memory.buffer, paintNodes.value, PART_PX + ALIGNED_NODES)
    this.#runs = new Uint32Array(memory.buffer, paintRuns.value)
  }

  /**
   * Puts the pixels from one to another in place, the next ones of the image. Answers how many runs reach into them, and at
   * which place the nodes of the others begin.
   */
  moveTo(start: number, end: number): { readonly runs: number; readonly lead: number } {
    const runs = this.#evenRuns
    while (this.#firstRun < runs.length && runs[this.#firstRun + 1]! <= start) this.#firstRun += RUN_FIELDS
    let behind = this.#firstRun
    let odd = end - start
    for (; behind < runs.length && runs[behind]! < end; behind += RUN_FIELDS) {
      odd -= Math.min(end, runs[behind + 1]!) - Math.max(start, runs[behind]!)
    }
    const lead = this.#node % ALIGNED_NODES
    this.#nodes.set(this.#pixelNodes.subarray(this.#node, this.#node + odd), lead)
    this.#runs.set(runs.subarray(this.#firstRun, behind))
    this.#node += odd
    return { runs: (behind - this.#firstRun) / RUN_FIELDS, lead }
  }
}
