import type { SharedImage } from '../../../src/threads/protocol.ts'
import { drawImage } from '../picture.ts'

/** From 0 up to `height` and down again, over and over. */
const wave = (place: number, height: number) => Math.abs((place % (2 * height)) - height)

/** A byte that follows from the place alone. */
const grain = (x: number, y: number) => Math.imul(Math.imul(x + 1, 7919) ^ (y + 1), 0x9e3779b1) >>> 24

/** How much of a pixel lies in a disc, in 256ths: its rim is soft. */
const cover = (x: number, y: number, radius: number) =>
  Math.max(0, Math.min(256, radius * radius + 128 - (x * x + y * y)))

const between = (one: number, other: number, share: number) => one + (((other - one) * share) >> 8)

/**
 * One picture for each way in which pixels are sorted, drawn in whole numbers so that they are the same everywhere:
 * large enough for samples to lie apart, with widths of every remainder.
 */
export const DRAWINGS: Readonly<Record<string, () => SharedImage>> = {
  'flat fields': () =>
    drawImage(400, 240, (x, y) =>
      (x >> 6) % 2 === (y >> 6) % 2 ? [250, 250, 245] : [20, 90 + ((x >> 6) << 4), 160],
    ),
  'discs with soft rims on a ground': () =>
    drawImage(401, 300, (x, y) => {
      const share = cover((x % 100) - 50, (y % 100) - 50, 40)
      return [
        between(255, 30 + (x >> 1), share),
        between(255, 60, share),
        between(255, 200 - (y >> 1), share),
      ]
    }),
  'shades that run into each other': () =>
    drawImage(402, 333, (x, y) => [wave(x, 200), wave(y, 160), 90 + ((x + y) >> 3)]),
  'shades with edges and lines': () =>
    drawImage(403, 300, (x, y) => {
      if (x % 67 < 2 || y % 91 < 1) return [10, 12, 14]
      return x < 200 ? [wave(x + y, 220), 140, 80] : [60, wave(y, 250), 200 - (x >> 2)]
    }),
  'a ground with noise and a glow': () =>
    drawImage(404, 300, (x, y) => {
      const share = Math.max(0, 255 - (((x - 200) ** 2 + (y - 150) ** 2) >> 6))
      return [between(244, 200, share) + (grain(x, y) & 3), between(244, 40, share), between(240, 90, share)]
    }),
  'transparent discs': () =>
    drawImage(301, 240, (x, y) => {
      const share = cover((x % 80) - 40, (y % 80) - 40, 34)
      return [wave(x, 180), 120, wave(y, 200), Math.min(255, share)]
    }),
  noise: () => drawImage(300, 211, (x, y) => [grain(x, y), grain(y + 300, x), grain(x + 999, y + 77)]),
}
