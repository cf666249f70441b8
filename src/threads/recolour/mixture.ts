/** Tones of an image at most: each takes three bits of a mixture. */
export const MAX_TONES = 8

/** Every tone but one has a whole number of these parts of a mixture. */
export const SHARE_STEPS = 32
const SHARE_BITS = 5
const PAIRS = MAX_TONES * MAX_TONES * SHARE_STEPS

/**
 * Up to three tones of which a colour is mixed, in one number. One of two: the lower tone (3 bits), the higher one (3
 * bits), 32nds of the higher one (5 bits); a tone alone is a mixture with itself. One of three comes after all those: the
 * number of the three tones, 32nds of the second (5 bits), 32nds of the third (5 bits). The kernel mixes them.
 */
export type Mixture = number

/** The three tones of each number of them, lowest first, as the kernel numbers them. */
const TRIPLES: readonly (readonly [number, number, number])[] = Array.from({ length: MAX_TONES }, (_, third) =>
  Array.from({ length: third }, (__, second) =>
    Array.from({ length: second }, (___, first) => [first, second, third] as const),
  ),
).flat(2)

/** What a mixture consists of: its tones, and the shares of the second and of the third in 32nds. */
export type Parts = {
  first: number
  second: number
  third: number
  ofSecond: number
  ofThird: number
}

/** Takes a mixture apart, into `parts`; the third tone of a mixture of two is its first, with nothing of it. */
export function takeApart(mixture: Mixture, parts: Parts): void {
  parts.ofThird = 0
  if (mixture < PAIRS) {
    parts.first = mixture >> 8
    parts.second = (mixture >> 5) & 7
    parts.third = parts.first
    parts.ofSecond = mixture & (SHARE_STEPS - 1)
    return
  }
  const [first, second, third] = TRIPLES[(mixture - PAIRS) >> (2 * SHARE_BITS)]!
  parts.first = first
  parts.second = second
  parts.third = third
  parts.ofSecond = (mixture >> SHARE_BITS) & (SHARE_STEPS - 1)
  parts.ofThird = mixture & (SHARE_STEPS - 1)
}
