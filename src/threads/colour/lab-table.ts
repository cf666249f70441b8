import { linearOfByte } from './srgb.ts'

/**
 * OKLab of 8-bit colours by tables, without cube roots. It is at most 0.001 off where no part
 * is below 100, and 0.002 from parts of 50 on; near black, where OKLab is steepest, it is up to 0.07 off. The constants
 * are those of oklab.ts. Table values lie on a grid of 2^-20, so that decisions taken on them are the
 * same with every build of V8.
 */
const STEPS = 1 << 14
const GRID = 1 << 20
/** Light is added up in whole numbers, with this many bits for the fraction of a step. */
const FRACTION_BITS = 12

/** The grid is coarse enough for single precision. */
export const cubeRootOfStep: Float32Array = Float32Array.from(
  { length: STEPS + 2 },
  (_, step) => Math.round(Math.cbrt(step / STEPS) * GRID) / GRID,
)

const scaled = (factor: number): Int32Array =>
  Int32Array.from(linearOfByte, (linear) => Math.round(linear * factor * STEPS * (1 << FRACTION_BITS)))
/** The same with a half, so that a sum of three is rounded. */
const scaledAndRounded = (factor: number): Int32Array =>
  scaled(factor).map((light) => light + (1 << (FRACTION_BITS - 1)))

const redInL = scaledAndRounded(0.4122214708)
const greenInL = scaled(0.5363325363)
const blueInL = scaled(0.0514459929)
const redInM = scaledAndRounded(0.2119034982)
const greenInM = scaled(0.6806995451)
const blueInM = scaled(0.1073969566)
const redInS = scaledAndRounded(0.0883024619)
const greenInS = scaled(0.2817188376)
const blueInS = scaled(0.6299787005)

/** The same tables for the kernel: red, green and blue in l, then in m, then in s. */
export const lightOfBytes: readonly (readonly Int32Array[])[] = [
  [redInL, greenInL, blueInL],
  [redInM, greenInM, blueInM],
  [redInS, greenInS, blueInS],
]

/** Writes lightness, green-red and blue-yellow of an 8-bit colour to three places of `target` from `at` on. */
export function writeLab(
  target: Float32Array | Float64Array,
  at: number,
  red: number,
  green: number,
  blue: number,
): void {
  const l = cubeRootOfStep[(redInL[red]! + greenInL[green]! + blueInL[blue]!) >> FRACTION_BITS]!
  const m = cubeRootOfStep[(redInM[red]! + greenInM[green]! + blueInM[blue]!) >> FRACTION_BITS]!
  const s = cubeRootOfStep[(redInS[red]! + greenInS[green]! + blueInS[blue]!) >> FRACTION_BITS]!
  target[at] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
  target[at + 1] = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  target[at + 2] = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
}

/** The lightness alone, as {@link writeLab} gives it. */
export function lightnessOf(red: number, green: number, blue: number): number {
  const l = cubeRootOfStep[(redInL[red]! + greenInL[green]! + blueInL[blue]!) >> FRACTION_BITS]!
  const m = cubeRootOfStep[(redInM[red]! + greenInM[green]! + blueInM[blue]!) >> FRACTION_BITS]!
  const s = cubeRootOfStep[(redInS[red]! + greenInS[green]! + blueInS[blue]!) >> FRACTION_BITS]!
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
}
