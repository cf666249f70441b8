import { distanceTo } from './lab-plane.ts'

/** The regions of a base image by its colours alone, found without the code that is judged. */
export type Regions = {
  readonly count: number
  /** Number of each pixel's region. */ readonly ofPixel: Uint8Array
}

type Centre = { l: number; a: number; b: number }

const ROUNDS = 8
/** Colours closer than this (OKLab) make no further region. */
const MIN_DISTANCE = 0.05

/** k-means over all pixels, seeded with the first pixel and then each time with the farthest. */
export function findRegions(labs: Float32Array, wanted: number): Regions {
  const centres = seed(labs, wanted)
  const ofPixel = new Uint8Array(labs.length / 3)
  for (let round = 0; round < ROUNDS; round++) {
    for (let pixel = 0; pixel < ofPixel.length; pixel++) ofPixel[pixel] = nearest(labs, pixel, centres)
    moveToMeans(labs, ofPixel, centres)
  }
  return { count: centres.length, ofPixel }
}

const pixelOf = (labs: Float32Array, pixel: number): Centre => ({
  l: labs[pixel * 3]!,
  a: labs[pixel * 3 + 1]!,
  b: labs[pixel * 3 + 2]!,
})

function seed(labs: Float32Array, wanted: number): Centre[] {
  const centres = [pixelOf(labs, 0)]
  const distances = new Float32Array(labs.length / 3).fill(Infinity)
  while (centres.length < wanted) {
    const { l, a, b } = centres.at(-1)!
    let farthest = 0
    for (let pixel = 0; pixel < distances.length; pixel++) {
      distances[pixel] = Math.min(distances[pixel]!, distanceTo(labs, pixel, l, a, b))
      if (distances[pixel]! > distances[farthest]!) farthest = pixel
    }
    if (distances[farthest]! < MIN_DISTANCE) break
    centres.push(pixelOf(labs, farthest))
  }
  return centres
}

function nearest(labs: Float32Array, pixel: number, centres: readonly Centre[]): number {
  let best = 0
  let least = Infinity
  for (let centre = 0; centre < centres.length; centre++) {
    const { l, a, b } = centres[centre]!
    const distance = distanceTo(labs, pixel, l, a, b)
    if (distance < least) [best, least] = [centre, distance]
  }
  return best
}

function moveToMeans(labs: Float32Array, ofPixel: Uint8Array, centres: Centre[]): void {
  for (const [region, mean] of regionMeans(labs, { count: centres.length, ofPixel }).entries()) {
    if (mean.pixels > 0) centres[region] = { l: mean.l, a: mean.a, b: mean.b }
  }
}

/** Mean colour and size of every region in a plane. */
export function regionMeans(
  labs: Float32Array,
  { count, ofPixel }: Regions,
): (Centre & { pixels: number })[] {
  const sums = Array.from({ length: count }, () => ({ l: 0, a: 0, b: 0, pixels: 0 }))
  for (let pixel = 0; pixel < ofPixel.length; pixel++) {
    const sum = sums[ofPixel[pixel]!]!
    sum.l += labs[pixel * 3]!
    sum.a += labs[pixel * 3 + 1]!
    sum.b += labs[pixel * 3 + 2]!
    sum.pixels++
  }
  return sums.map(({ l, a, b, pixels }) => ({ l: l / pixels, a: a / pixels, b: b / pixels, pixels }))
}
