import { distance } from './colour-space.ts'
import type { Pen } from './pen.ts'
import { line, move } from './shapes.ts'

/** Letters as strokes on a grid from -50 to 50 across and -70 to 70 down: the stem, and the part in the accent. */
const LETTERS: Readonly<Record<string, readonly [string, string]>> = {
  a: ['M-56 70L0 -70L56 70', 'M-28 26H30'],
  b: ['M-42 70V-70H4A35 35 0 0 1 4 0H-14', 'M-14 0H10A35 35 0 0 1 10 70H-42'],
  c: ['M48 -46A70 70 0 1 0 22 66', 'M22 66A70 70 0 0 0 48 46'],
  d: ['M-44 70V-70H-14', 'M-14 -70A62 70 0 0 1 -14 70H-44'],
  e: ['M44 -70H-44V70H44', 'M-16 0H34'],
  f: ['M44 -70H-44V70', 'M-16 0H32'],
  g: ['M48 -46A70 70 0 1 0 60 36V4', 'M60 4H14'],
  h: ['M-46 -70V70M46 -70V70', 'M-20 0H20'],
  i: ['M0 -26V70', 'M0 -68V-67'],
  j: ['M28 -70V24', 'M28 24A36 40 0 0 1 -44 30'],
  k: ['M-42 -70V70', 'M46 -70L-16 0L46 70'],
  l: ['M-38 -70V70', 'M-10 70H46'],
  m: ['M-60 70V-70L0 10', 'M0 10L60 -70V70'],
  n: ['M-46 70V-70', 'M-46 -70L46 70V-70'],
  o: ['M0 -70A66 70 0 1 0 66 0', 'M66 0A66 70 0 0 0 0 -70'],
  p: ['M-40 70V-70', 'M-40 -70H6A40 40 0 0 1 6 12H-12'],
  q: ['M66 0A66 70 0 1 0 0 70A66 70 0 0 0 66 0', 'M22 26L60 72'],
  r: ['M-40 70V-70H6A38 38 0 0 1 6 8H-10', 'M2 10L44 70'],
  s: ['M44 -52C20 -76 -44 -76 -44 -34C-44 4 20 -2 38 20', 'M38 20C58 60 -6 92 -48 52'],
  t: ['M-54 -70H54', 'M0 -42V70'],
  u: ['M-48 -70V18A48 52 0 0 0 0 70', 'M0 70A48 52 0 0 0 48 18V-70'],
  v: ['M-56 -70L0 70', 'M0 70L56 -70'],
  w: ['M-70 -70L-36 70L0 -24', 'M0 -24L36 70L70 -70'],
  x: ['M-50 -70L50 70', 'M50 -70L22 -31M-22 31L-50 70'],
  y: ['M-52 -70L0 2V70', 'M0 2L52 -70'],
  z: ['M-48 -70H48L-48 70', 'M-48 70H48'],
}

/** The mark of a name: its first letter, drawn from strokes. Null where it is no letter from A to Z. */
export function monogram(name: string): ((pen: Pen) => string) | null {
  const strokes = LETTERS[name.charAt(0)]
  if (!strokes) return null
  return (pen) => {
    const { body, second, accent, ground } = pen.inks
    const other = distance(accent, ground) > distance(second, ground) ? accent : second
    const width = pen.random.pick([28, 34, 40])
    // The stem lies on top, so that the two colours meet in a round joint.
    return move(0, 0, line(strokes[1], other, width) + line(strokes[0], body, width), 1.02)
  }
}
