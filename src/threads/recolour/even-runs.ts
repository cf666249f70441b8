/** Four pixels of three bytes make three words: runs begin and end on such a boundary. */
const PIXELS_A_GROUP = 4
/** A shorter run saves nothing. */
const MIN_RUN_PX = 16

/** Numbers that stand for one run: its first pixel, the pixel behind its last, and its node. */
export const RUN_FIELDS = 3

/** Collects the runs of pixels of one node, several lines of the image at a time, in the order of the pixels. */
export class EvenRuns {
  private readonly lines: number[][]
  private readonly runs: number[] = []

  /** At most `lines` lines are open at a time. */
  constructor(lines: number) {
    this.lines = Array.from({ length: lines + 1 }, () => [])
  }

  /**
   * Takes the part of a run that begins and ends on group boundaries, and answers it; undefined when that is too
   * short. Within a line runs come from left to right.
   */
  add(line: number, start: number, end: number, node: number): { start: number; end: number } | undefined {
    const first = Math.ceil(start / PIXELS_A_GROUP) * PIXELS_A_GROUP
    const last = Math.floor(end / PIXELS_A_GROUP) * PIXELS_A_GROUP
    if (last - first < MIN_RUN_PX) return undefined
    this.lines[line]!.push(first, last, node)
    return { start: first, end: last }
  }

  /** All open lines are complete. */
  closeRows(): void {
    for (const line of this.lines) {
      for (const value of line) this.runs.push(value)
      line.length = 0
    }
  }

  /** All runs, RUN_FIELDS numbers each, in shared memory. */
  finish(): Uint32Array {
    const runs = new Uint32Array(new SharedArrayBuffer(this.runs.length * 4))
    runs.set(this.runs)
    return runs
  }
}
