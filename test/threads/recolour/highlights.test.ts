import { beforeAll, describe, expect, test } from 'vitest'
import { labDistance, labOfRgb } from '../../../src/threads/colour/oklab.ts'
import type { Rgb } from '../../../src/threads/colour/srgb.ts'
import type { PaletteColors, SharedImage } from '../../../src/threads/protocol.ts'
import { drawImage, loadFixture, NIGHT, OCEAN, pixelAt } from '../picture.ts'
import { full } from './full-variation.ts'
import { distanceToLine } from './lab-line.ts'

type Place = readonly [x: number, y: number]

const PALETTES: readonly { readonly name: string; readonly colors: PaletteColors }[] = [
  { name: 'a light palette', colors: OCEAN },
  { name: 'a dark palette', colors: NIGHT },
]

/** How far the colour of a place is from the nearest of those of others. */
function distance(image: Parameters<typeof pixelAt>[0], [x, y]: Place, others: readonly Place[]): number {
  const own = labOfRgb(...pixelAt(image, x, y))
  return Math.min(...others.map((other) => labDistance(own, labOfRgb(...pixelAt(image, ...other)))))
}

/** How far a place's colour is from the nearest mixture of a colour of `ones` and one of `others`. */
function beside(
  image: Parameters<typeof pixelAt>[0],
  [x, y]: Place,
  ones: readonly Place[],
  others: readonly Place[],
): number {
  const labOf = (at: Place) => labOfRgb(...pixelAt(image, ...at))
  const own = labOf([x, y])
  return Math.min(
    ...ones.flatMap((one) => others.map((other) => distanceToLine(own, labOf(one), labOf(other)))),
  )
}

/** Places on a ring, so many to a turn. */
const ring = ([x, y]: Place, radiusPx: number, count: number): Place[] =>
  Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count
    return [Math.round(x + radiusPx * Math.cos(angle)), Math.round(y + radiusPx * Math.sin(angle))]
  })

describe('a highlight', () => {
  const [ground, grey, red, orange, peach]: readonly Rgb[] = [
    [244, 241, 234],
    [222, 198, 205],
    [250, 45, 110],
    [236, 137, 38],
    [255, 193, 132],
  ]
  const middle: Place = [168, 288]
  /** 1 within a disc, 0 beside it, with a border so many pixels wide. */
  const disc = (x: number, y: number, radiusPx: number, borderPx: number) =>
    Math.min(1, Math.max(0, (radiusPx - Math.hypot(x, y)) / borderPx + 0.5))
  const mix = (one: Rgb, other: Rgb, share: number) =>
    [0, 1, 2].map((part) => Math.round(one[part]! + (other[part]! - one[part]!) * share)) as unknown as Rgb
  // By its colour alone the peach on the orange ball is nearer to the grey thing.
  const image = drawImage(720, 720, (x, y) => {
    if (x > 420 && x < 660 && y > 60 && y < 660) return grey!
    if (x > 60 && x < 180 && y > 40 && y < 120) return red!
    const lit = mix(orange!, peach!, disc(x - middle[0], y - middle[1], 14, 20))
    return mix(ground!, lit, disc(x - 210, y - 330, 140, 3))
  })

  test.each(PALETTES)(
    'is of the thing that it lies on, not of one that it looks like: $name',
    ({ colors }) => {
      const result = full(image, colors)
      for (const radiusPx of [0, 4, 8, 12]) {
        for (const place of ring(middle, radiusPx, 24)) {
          expect(distance(result, place, [[240, 400]])).toBeLessThan(distance(result, place, [[540, 360]]))
        }
      }
    },
  )
})

describe('a hairline within one thing', () => {
  const [ground, outline, fill, brown]: readonly Rgb[] = [
    [255, 255, 255],
    [0, 0, 0],
    [251, 240, 223],
    [120, 60, 40],
  ]
  /** Two black shapes meet on a slanting line, which shows the ground through itself, here more and there less. */
  const seamAt = (x: number) => 200 + Math.round(x * 0.37)
  const seamLight = (x: number) => 20 + Math.round(45 * (0.5 + 0.5 * Math.sin(x / 40)))
  const image = drawImage(720, 720, (x, y) => {
    if (x < 60 || x >= 660 || y < 60 || y >= 660) return ground!
    if (Math.hypot(x - 180, y - 560) < 60) return fill!
    if (x > 500 && x < 560 && y > 520 && y < 620) return brown!
    const light = seamLight(x)
    return y === seamAt(x) ? [light, light, light] : outline!
  })

  test.each(PALETTES)('is all along of what shows through: $name', ({ colors }) => {
    const result = full(image, colors)
    const [thing, behind] = [pixelAt(result, 300, 100), pixelAt(result, 20, 20)].map((rgb) =>
      labOfRgb(...rgb),
    )
    for (let x = 80; x < 640; x++) {
      const own = labOfRgb(...pixelAt(result, x, seamAt(x)))
      const along = labDistance(own, thing!) + labDistance(own, behind!) - labDistance(thing!, behind!)
      expect(along, `at ${x}`).toBeLessThan(0.03)
    }
  })
})

describe('a thin stroke that has a tone for itself', () => {
  const image = drawImage(720, 720, (x, y) => {
    if (x < 60 || x >= 660 || y < 60 || y >= 660) return [255, 255, 255]
    if (Math.hypot(x - 160, y - 590) < 50) return [110, 110, 110]
    if (Math.hypot(x - 340, y - 590) < 50) return [200, 200, 200]
    const light = Math.round(70 * Math.max(0, Math.min(1, 1.25 - Math.abs(y - 80 - x * 0.37) * 0.938)))
    return [light, light, light]
  })

  test.each(PALETTES)('is of that tone nearly all along, not dashed: $name', ({ colors }) => {
    const result = full(image, colors)
    const labAt = (x: number, y: number) => labOfRgb(...pixelAt(result, x, y))
    const [thing, core] = [labAt(640, 640), labAt(100, 117)]
    const others = Array.from({ length: 280 }, (_, i) =>
      labAt(80 + i, Math.round(80 + (80 + i) * 0.37)),
    ).filter((own) => labDistance(own, thing) + labDistance(own, core) - labDistance(thing, core) > 0.06)
    expect(others.length).toBeLessThan(80)
  })
})

describe('a flower', () => {
  const [discs, petals, leaves]: readonly (readonly Place[])[] = [
    [
      [512, 440],
      [600, 380],
    ],
    [
      [650, 290],
      [690, 480],
    ],
    [
      [660, 800],
      [512, 780],
    ],
  ]
  let flower: SharedImage
  beforeAll(async () => {
    flower = await loadFixture('../rims/emoji-1f33b.png', 1024)
  })

  test.each(PALETTES)(
    'has a dark rim between disc and petals that is of these, not of its leaves: $name',
    ({ colors }) => {
      const result = full(flower, colors)
      for (let radiusPx = 140; radiusPx < 156; radiusPx++) {
        for (const place of ring([512, 439], radiusPx, 720)) {
          expect(beside(result, place, discs!, petals!)).toBeLessThan(distance(result, place, leaves!))
        }
      }
    },
  )

  test('has a pattern on its disc that can still be seen where the disc is black', () => {
    const result = full(flower, ['#E63946', '#F1C40F', '#1D3557', '#FFFFFF', '#000000'])
    const [pattern, disc] = [pixelAt(result, 611, 439), pixelAt(result, 585, 439)]
    for (const [i, part] of pattern.entries()) expect(part - disc[i]!).toBeGreaterThan(6)
  })
})
