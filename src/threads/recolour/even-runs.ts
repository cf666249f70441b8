/** Four pixels of three bytes make three words: runs begin and end on such a boundary. */
export const PIXELS_A_GROUP = 4
export const WORDS_A_GROUP = 3

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

  /** Takes a run that begins and ends on group boundaries. Within a line runs come from left to right. */
  add(line: number, start: number, end: number, node: number): void {
    this.lines[line]!.push(start, end, node)
  }

  /** All open lines are complete. A run that goes on in the next line becomes one with it. */
  closeRows(): void {
    const { runs } = this
    for (const line of this.lines) {
      for (let run = 0; run < line.length; run += RUN_FIELDS) {
        if (runs.at(-1) === line[run + 2] && runs.at(-2) === line[run]) runs[runs.length - 2] = line[run + 1]!
        else runs.push(line[run]!, line[run + 1]!, line[run + 2]!)
      }
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
