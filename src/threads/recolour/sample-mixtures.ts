import type { Tone } from '../protocol.ts'
import { NOISE_STEP, type Background } from './background.ts'
import type { EdgeSamples } from './edge-samples.ts'
import { pixelKernel, type KernelPlace } from '../kernel.ts'
import type { SamplePlane } from './sample-plane.ts'

/** What is known of an image when its samples are mixed. */
export type MixSources = {
  readonly plane: SamplePlane
  readonly background: Background | undefined
  readonly edges: EdgeSamples
  readonly tones: readonly Tone[]
  /** The first tone that colours may be of which are judged by themselves; those before are of the background alone. */
  readonly firstTone: number
}

/** An image with a smaller share of smooth samples than this is all texture, as noise is. */
const MIN_SMOOTH_SHARE = 0.02

/** Rounds in which the shares of tones in neighbouring places are blended. */
const BLEND_ROUNDS = 3
/** Reach of the blending in cells of two by two samples, as a standard deviation. */
const SPREAD_CELLS = 5

/** Of what is computed here. The last bit of an exponential differs between processors, and so could pictures. */
const GRID = 2 ** 36

/** Feedback of the recursive filter in each round, by the formula of Gastal and Oliveira (2011). */
const FEEDBACKS = Array.from({ length: BLEND_ROUNDS }, (_, round) => {
  const spread =
    (SPREAD_CELLS * Math.sqrt(3) * 2 ** (BLEND_ROUNDS - round - 1)) / Math.sqrt(4 ** BLEND_ROUNDS - 1)
  return Math.round(Math.exp(-Math.SQRT2 / spread) * GRID) / GRID
}) as [number, number, number]

/**
 * Has the kernel find out what every sample shows, and leaves it in the kernel's memory, where the pixels are sorted by
 * it. Returns the tone of each sample by itself, 0 for those of the background; it is good until the next image.
 */
export function mixSamples(sources: MixSources): Uint8Array {
  const { plane, background, edges, tones, firstTone } = sources
  const kernel = pixelKernel()
  const at = (place: KernelPlace) => kernel[place].value
  const { buffer } = kernel.memory
  const count = plane.rgb.length
  new Float64Array(buffer, at('toneLabs'), tones.length * 3).set(tones.flatMap(({ lab }) => [...lab]))
  kernel.setTones(tones.length, firstTone)
  const isTexture = kernel.smoothShare() < MIN_SMOOTH_SHARE
  kernel.describe(background?.rgb ?? 0, Number(background?.open === true), NOISE_STEP, Number(isTexture))
  kernel.mixSamples(edges.count, ...FEEDBACKS)
  return new Uint8Array(buffer, at('nearestTones'), count)
}
