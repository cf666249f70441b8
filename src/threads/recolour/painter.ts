import type { RegionAnalysis } from '../protocol.ts'
import { pixelKernel } from '../kernel.ts'
import { PART_PX, PartOfNodes } from './part-of-nodes.ts'

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
  const part = new PartOfNodes(kernel, pixelNodes, evenRuns)
  const count = pixels.length / 3
  for (let start = 0; start < count; start += PART_PX) {
    const end = Math.min(count, start + PART_PX)
    const { runs, lead } = part.moveTo(start, end)
    const target = inPlace ? pixels.byteOffset + start * 3 : kernel.pixels.value
    kernel.paint(start, end, runs, lead, target)
    if (!inPlace) pixels.set(new Uint8Array(kernel.memory.buffer, target, (end - start) * 3), start * 3)
  }
}
