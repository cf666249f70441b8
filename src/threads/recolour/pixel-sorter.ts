import type { RegionAnalysis } from '../protocol.ts'
import { EvenRuns, RUN_FIELDS } from './even-runs.ts'
import { pixelKernel, type KernelExports } from '../kernel.ts'
import type { SamplePlane } from './sample-plane.ts'

/** Every pixel's node, in shared memory, and what the nodes are. */
export type SortedPixels = Pick<RegionAnalysis, 'pixelNodes' | 'evenRuns' | 'nodes'>

/**
 * Gives every pixel a node by what the samples around it show. Pixels are handled in blocks, each between four
 * samples: evenly coloured rows of blocks at a stroke; smooth blocks by position, with the pixel's own shade; and
 * blocks at an edge by colour, as a mixture of what the samples near by show. The kernel does it, one row of blocks
 * after the other, once the samples of the same plane are mixed.
 *
 * Where there are more nodes than can be numbered, it starts anew with coarser shades. An image that is all texture is
 * sorted by colour alone.
 */
export function sortPixels(plane: SamplePlane): SortedPixels {
  const kernel = pixelKernel()
  for (let grain = 1; ; grain *= 2) {
    kernel.begin(grain)
    const sorted = sortAll(kernel, plane)
    if (sorted) return { ...sorted, nodes: { keys: takeKeys(kernel) } }
  }
}

/** Bands begin at a multiple of so many pixels, and nodes are kept so many at a time: shared memory is copied by words. */
const ALIGNED_PIXELS = 8
const ALIGNED_NODES = 4

/** Undefined when there are more nodes than can be numbered. */
function sortAll(kernel: KernelExports, plane: SamplePlane): Omit<SortedPixels, 'nodes'> | undefined {
  const { width, height, channels } = plane.image
  const { stridePx, offsetPx, rows, bytes } = plane
  const { buffer } = kernel.memory
  const band = new Uint8Array(buffer, kernel.bandBytes.value)
  const oddNodes = new Uint16Array(buffer, kernel.oddNodes.value)
  const runs = new Uint32Array(buffer, kernel.bandRuns.value)
  // Of this the system gives only as much as there are pixels beside even runs.
  const pixelNodes = new Uint16Array(new SharedArrayBuffer(width * height * 2))
  const evenRuns = new EvenRuns()
  let taken = 0
  for (let row = -1; row < rows; row++) {
    const top = Math.max(0, offsetPx + row * stridePx)
    const end = row === rows - 1 ? height : Math.min(height, offsetPx + (row + 1) * stridePx)
    if (top >= end) continue
    const origin = top * width - ((top * width) % ALIGNED_PIXELS)
    // With the pixels of the next row of samples, where there is one.
    band.set(bytes.subarray(origin * channels, Math.min(height, end + 1) * width * channels))
    const lead = taken % ALIGNED_NODES
    const runCount = kernel.sortRow(row, origin, lead)
    if (runCount < 0) return undefined
    const count = kernel.oddCount.value
    pixelNodes.set(oddNodes.subarray(lead, lead + count), taken)
    taken += count
    if (runCount > 0) evenRuns.add(runs.subarray(0, runCount * RUN_FIELDS))
  }
  return { pixelNodes: pixelNodes.subarray(0, taken), evenRuns: evenRuns.finish() }
}

/** Keys of all nodes, in shared memory. */
function takeKeys({ memory, nodeKeys, nodeCount }: KernelExports): Uint32Array {
  const keys = new Uint32Array(new SharedArrayBuffer(nodeCount.value * 4))
  keys.set(new Uint32Array(memory.buffer, nodeKeys.value, keys.length))
  return keys
}
