/** Tones of an image at most: each takes three bits of a mixture. */
export const MAX_TONES = 8

/** A second tone has a whole number of these parts of a mixture. */
const SHARE_STEPS = 32

/**
 * Two tones of which a colour is mixed, and the share of the second, in one number of eleven bits: the lower
 * tone first. A tone alone is a mixture with itself. The kernel mixes them.
 */
export type Mixture = number

export const firstTone = (mixture: Mixture): number => mixture >> 8
export const secondTone = (mixture: Mixture): number => (mixture >> 5) & 7
/** Share of the second tone, 0 to less than 1. */
export const secondShare = (mixture: Mixture): number => (mixture & (SHARE_STEPS - 1)) / SHARE_STEPS
