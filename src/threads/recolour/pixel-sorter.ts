import type { RegionAnalysis, Tone } from '../protocol.ts'
import { NOISE_STEP, type Background } from './background.ts'
import { EvenRuns, RUN_FIELDS } from './even-runs.ts'
import { pixelKernel, type KernelExports, type KernelPlace } from './kernel.ts'
import type { SampleMixtures } from './sample-mixtures.ts'
import { PixelKind, type SamplePlane } from './sample-plane.ts'

/** What is known of an image when its pixels are sorted into nodes. */
export type SortSources = {
  readonly plane: SamplePlane
  readonly tones: readonly Tone[]
  readonly background: Background | undefined
  readonly samples: SampleMixtures
  /** The first tone that colours may be of which are judged by themselves. */
  readonly firstTone: number
}

/** Every pixel's node, in shared memory, and what the nodes are. */
export type SortedPixels = Pick<RegionAnalysis, 'pixelNodes' | 'evenRuns' | 'nodes'>

/** An image with a smaller share of smooth samples than this is all texture, as noise is. */
const MIN_SMOOTH_SHARE = 0.02

/**
 * Gives every pixel a node by what the samples around it show. Pixels are handled in blocks, each between four
 * samples: evenly coloured rows of blocks at a stroke; smooth blocks by position, with the pixel's own shade; and
 * blocks at an edge by colour, as a mixture of what the samples near by show. The kernel does it, one row of blocks
 * after the other.
 *
 * Where there are more nodes than can be numbered, it starts anew with coarser shades. An image that is all texture is
 * sorted by colour alone.
 */
export function sortPixels(sources: SortSources): SortedPixels {
  const kernel = pixelKernel()
  handOver(kernel, sources)
  for (let grain = 1; ; grain *= 2) {
    kernel.begin(grain)
    const sorted = sortAll(kernel, sources.plane)
    if (sorted) return { ...sorted, nodes: { keys: takeKeys(kernel) } }
  }
}

/** Puts what is known of the image into the kernel's memory. */
function handOver(kernel: KernelExports, sources: SortSources): void {
  const { plane, tones, background, samples, firstTone } = sources
  const { width, height, channels } = plane.image
  kernel.layOut(width, height, channels, plane.stridePx, plane.offsetPx, plane.columns, plane.rows)
  const at = (place: KernelPlace) => kernel[place].value
  const { buffer } = kernel.memory
  const count = plane.rgb.length
  new Uint32Array(buffer, at('rgb'), count).set(plane.rgb)
  new Float32Array(buffer, at('labs'), count * 3).set(plane.labs)
  new Float32Array(buffer, at('shades'), count).set(samples.shades)
  new Uint16Array(buffer, at('mixtures'), count).set(samples.mixtures)
  new Uint8Array(buffer, at('kinds'), count).set(plane.kinds)
  const mask = new Uint8Array(buffer, at('mask'), count)
  if (background) mask.set(background.mask)
  else mask.fill(0)
  new Float64Array(buffer, at('toneLabs'), tones.length * 3).set(tones.flatMap(({ lab }) => [...lab]))
  kernel.setTones(tones.length, firstTone)
  const isTexture = smoothShare(sources) < MIN_SMOOTH_SHARE
  kernel.describe(background?.rgb ?? 0, Number(background?.open === true), NOISE_STEP, Number(isTexture))
}

/** Share of the visible samples that lie in flat or smoothly shaded places, the background among them. */
function smoothShare({ plane: { kinds }, background }: SortSources): number {
  const mask = background?.mask
  let visible = 0
  let smooth = 0
  for (let sample = 0; sample < kinds.length; sample++) {
    if (kinds[sample] === PixelKind.hidden) continue
    visible++
    if (kinds[sample] === PixelKind.flat || (mask !== undefined && mask[sample] === 1)) smooth++
  }
  return smooth / visible
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
