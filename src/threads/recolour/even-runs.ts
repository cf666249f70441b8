/** Numbers that stand for one run: its first pixel, the pixel behind its last, and its node. */
export const RUN_FIELDS = 3

/** Collects the runs of pixels of one node in the order of the pixels. */
export class EvenRuns {
  private readonly runs: number[] = []

  /** Takes the next runs, RUN_FIELDS numbers each. One that goes on where the last one ended becomes one with it. */
  add(next: Uint32Array): void {
    const { runs } = this
    for (let run = 0; run < next.length; run += RUN_FIELDS) {
      const start = next[run]!
      const end = next[run + 1]!
      const node = next[run + 2]!
      if (runs.length > 0 && runs.at(-2) === start && runs.at(-1) === node) runs[runs.length - 2] = end
      else runs.push(start, end, node)
    }
  }

  /** All runs, in shared memory. */
  finish(): Uint32Array {
    const runs = new Uint32Array(new SharedArrayBuffer(this.runs.length * 4))
    runs.set(this.runs)
    return runs
  }
}
