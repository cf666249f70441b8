import type { FileOutline, RegionAnalysis, VariationKind } from '../protocol.ts'
import type { Raster } from '../codec/raster.ts'
import { pixelKernel } from '../kernel.ts'
import { PartOfNodes } from './part-of-nodes.ts'

/** A strip holds so many pixels and beginnings of rows at most: the widest image allowed has half as many pixels a row. */
const STRIP_UNITS = 1 << 15
/** An image that needs more tokens than this for each pixel hardly repeats itself: an outline of it would save nothing. */
const MAX_TOKENS_A_PIXEL = 0.5

/**
 * How many earlier places are tried at each pixel, by compression level. None for level 0, which compresses nothing, nor for
 * the highest: there zlib looks for what an outline, which goes by whole pixels, cannot find.
 */
const ATTEMPTS: Readonly<Partial<Record<number, number>>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 16 }

/** The analysis as variations of a kind need it: by an outline of their files alone where they can be written by one. */
export function analysisFor(
  { width, height, channels }: Omit<Raster, 'pixels'>,
  regions: RegionAnalysis,
  { strength, format }: VariationKind,
): RegionAnalysis {
  const attempts = format.type === 'png' ? ATTEMPTS[format.compressionLevel] : undefined
  if (attempts === undefined || strength < 1 || channels === 4 || regions.tones.length === 0) return regions
  const outline = outlineFiles(width, height, regions, attempts)
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
  attempts: number,
): FileOutline | undefined {
  const kernel = pixelKernel()
  const nodeCount = nodes.keys.length
  kernel.beginOutline(width, height, nodeCount, attempts)
  const part = new PartOfNodes(kernel, pixelNodes, evenRuns)
  const stripPx = Math.floor(STRIP_UNITS / (width + 1)) * width
  const strips: Uint32Array[] = []
  let tokenCount = 0
  for (let start = 0; start < width * height; start += stripPx) {
    const end = Math.min(width * height, start + stripPx)
    const { runs, lead } = part.moveTo(start, end)
    const count = kernel.outlineStrip(start, end, runs, lead)
    tokenCount += count
    if (tokenCount > width * height * MAX_TOKENS_A_PIXEL) return undefined
    strips.push(new Uint32Array(kernel.memory.buffer, kernel.stripTokens.value, count).slice())
  }
  const sums = new Uint32Array(kernel.memory.buffer, kernel.reduceNodeSums(nodeCount), nodeCount * 2)
  return { tokens: shared(strips, tokenCount), nodeSums: shared([sums], sums.length) }
}

/** What some arrays hold, one after the other, in memory that all threads share. */
function shared(parts: readonly Uint32Array[], length: number): Uint32Array {
  const whole = new Uint32Array(new SharedArrayBuffer(length * 4))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
