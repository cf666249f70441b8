import type { RegionAnalysis } from '../protocol.ts'
import { RUN_FIELDS } from './even-runs.ts'
import { pixelKernel } from './kernel.ts'

/** Pixels that the kernel paints at a time, so that all it reads and writes stays at hand. */
const PART_PX = 1 << 15
/** Nodes begin at this many places: shared memory is copied by words. */
const ALIGNED_NODES = 4

/**
 * Paints opaque pixels in the colours of their nodes, which the kernel has at `paintColours`: even runs at a stroke, what
 * lies between them pixel by pixel. `pixels` has three bytes a pixel; those in the kernel's memory are painted in place,
 * others are copied.
 */
export function paintOpaque(
  pixels: Uint8Array,
  { pixelNodes, evenRuns }: Pick<RegionAnalysis, 'pixelNodes' | 'evenRuns'>,
): void {
  const kernel = pixelKernel()
  const inPlace = pixels.buffer === kernel.memory.buffer
  if (!inPlace) kernel.makeRoom(PART_PX * 3)
  const { buffer } = kernel.memory
  const nodes = new Uint16Array(buffer, kernel.paintNodes.value, PART_PX + ALIGNED_NODES)
  const runs = new Uint32Array(buffer, kernel.paintRuns.value)
  const count = pixels.length / 3
  let node = 0
  let firstRun = 0
  for (let start = 0; start < count; start += PART_PX) {
    const end = Math.min(count, start + PART_PX)
    while (firstRun < evenRuns.length && evenRuns[firstRun + 1]! <= start) firstRun += RUN_FIELDS
    let behindRuns = firstRun
    let odd = end - start
    for (; behindRuns < evenRuns.length && evenRuns[behindRuns]! < end; behindRuns += RUN_FIELDS) {
      odd -= Math.min(end, evenRuns[behindRuns + 1]!) - Math.max(start, evenRuns[behindRuns]!)
    }
    const lead = node % ALIGNED_NODES
    nodes.set(pixelNodes.subarray(node, node + odd), lead)
    runs.set(evenRuns.subarray(firstRun, behindRuns))
    const target = inPlace ? pixels.byteOffset + start * 3 : kernel.pixels.value
    kernel.paint(start, end, (behindRuns - firstRun) / RUN_FIELDS, lead, target)
    if (!inPlace) pixels.set(new Uint8Array(buffer, target, (end - start) * 3), start * 3)
    node += odd
  }
}
