/** What is taken out of a band once its row of blocks is sorted. */
import { y0, y1 } from './block'
import { bandRuns, lineCounts, lineRuns, maxRunsALine, nodeOf, oddNodes, RUN_BYTES, width } from './plane'

/** How many pixels of the band lie beside its even runs. */
export let oddCount: i32 = 0

/** Begins with a band without runs. */
export function openBand(): void {
  memory.fill(lineCounts, 0, (<usize>max(0, y1 - y0)) << 2)
}

/** Gathers what the lines hold, in the order of the pixels. Returns the number of runs. */
export function closeBand(lead: i32): i32 {
  const first = oddNodes + ((<usize>lead) << 1)
  let odd = first
  let run = bandRuns
  for (let line = 0; line < y1 - y0; line++) {
    let pixel = (y0 + line) * width
    const count = load<u32>(lineCounts + ((<usize>line) << 2))
    const runs = lineRuns + <usize>line * maxRunsALine() * RUN_BYTES
    for (let each: usize = 0; each < count; each++) {
      const from = runs + each * RUN_BYTES
      const start = load<i32>(from)
      odd = copyNodes(odd, pixel, start)
      pixel = load<i32>(from, 4)
      store<i32>(run, start)
      store<i32>(run, pixel, 4)
      store<i32>(run, load<i32>(from, 8), 8)
      run += RUN_BYTES
    }
    odd = copyNodes(odd, pixel, (y0 + line + 1) * width)
  }
  oddCount = <i32>((odd - first) >> 1)
  return <i32>((run - bandRuns) / RUN_BYTES)
}

/** Copies the nodes of some pixels; returns the place behind. */
function copyNodes(to: usize, start: i32, end: i32): usize {
  const bytes = (<usize>(end - start)) << 1
  memory.copy(to, nodeOf(start), bytes)
  return to + bytes
}
