/** Tones of an image at most: the kernel has three bits for each of those that a mixture is of. */
export const MAX_TONES = 8
