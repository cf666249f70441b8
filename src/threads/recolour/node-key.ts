import type { Mixture } from './mixture.ts'

/** Steps of a shade in one unit of OKLab lightness. */
export const SHADE_STEPS = 256
/** A node's key is its mixture, and its shade from -128 to 127 steps in the lowest byte. The kernel writes them. */
const SHADE_BITS = 8
const SHADE_OFFSET = 1 << (SHADE_BITS - 1)

export const keyMixture = (key: number): Mixture => key >> SHADE_BITS
/** Shade of a key, in OKLab lightness. */
export const keyShade = (key: number): number => ((key & 0xff) - SHADE_OFFSET) / SHADE_STEPS
