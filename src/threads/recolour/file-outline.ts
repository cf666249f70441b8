import type { FileOutline, RegionAnalysis, VariationKind } from '../protocol.ts'
import type { Raster } from '../codec/raster.ts'
import { pixelKernel } from './kernel.ts'
import { PartOfNodes } from './part-of-nodes.ts'

/** A strip holds so many pixels and beginnings of rows at most. */
const STRIP_UNITS = 1 << 15
/** An image that needs more tokens than this for each pixel hardly repeats itself: an outline of it would save nothing. */
const MAX_TOKENS_A_PIXEL = 0.5

/** How many earlier places are tried at each pixel, by compression level. */
const ATTEMPTS = [0, 1, 2, 3, 4, 6, 8, 16, 64, 256] as const

/** The analysis as variations of a kind need it: by an outline of their files alone where they can be written by one. */
export function analysisFor(
  { width, height, channels }: Omit<Raster, 'pixels'>,
  regions: RegionAnalysis,
  { strength, format }: VariationKind,
): RegionAnalysis {
  if (format.type !== 'png' || format.compressionLevel === 0) return regions
  if (strength < 1 || channels === 4 || regions.tones.length === 0) return regions
  const outline = outlineFiles(width, height, regions, format.compressionLevel)
  if (!outline) return regions
  return { ...regions, pixelNodes: new Uint16Array(0), evenRuns: new Uint32Array(0), outline }
}

/**
 * Works out what the PNG files of all variations of an opaque image have in common: which pixels repeat which. Undefined
 * where the image hardly repeats itself. The same analysis gives the same outline.
 */
export function outlineFiles(
  width: number,
  height: number,
  { pixelNodes, evenRuns, nodes }: RegionAnalysis,
  compressionLevel: number,
): FileOutline | undefined {
  const kernel = pixelKernel()
  const nodeCount = nodes.keys.length
  kernel.beginOutline(width, height, nodeCount, ATTEMPTS[compressionLevel] ?? ATTEMPTS[9])
  // Of this the system gives only as much as there are tokens.
  const tokens = new Uint32Array(new SharedArrayBuffer(Math.floor(width * height * MAX_TOKENS_A_PIXEL) * 4))
  const part = new PartOfNodes(kernel, pixelNodes, evenRuns)
  const stripPx = Math.max(1, Math.floor(STRIP_UNITS / (width + 1))) * width
  let taken = 0
  for (let start = 0; start < width * height; start += stripPx) {
    const end = Math.min(width * height, start + stripPx)
    const { runs, lead } = part.moveTo(start, end)
    const count = kernel.outlineStrip(start, end, runs, lead)
    if (taken + count > tokens.length) return undefined
    tokens.set(new Uint32Array(kernel.memory.buffer, kernel.stripTokens.value, count), taken)
    taken += count
  }
  const nodeSums = new Uint32Array(new SharedArrayBuffer(nodeCount * 8))
  nodeSums.set(new Uint32Array(kernel.memory.buffer, kernel.reduceNodeSums(nodeCount), nodeCount * 2))
  return { tokens: tokens.subarray(0, taken), nodeSums }
}
