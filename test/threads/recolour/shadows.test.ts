import { describe, expect, test } from 'vitest'
import { labDistance, labOfRgb } from '../../../src/threads/colour/oklab.ts'
import type { Rgb } from '../../../src/threads/colour/srgb.ts'
import type { PaletteColors } from '../../../src/threads/protocol.ts'
import { drawImage, mix, NIGHT, OCEAN, pixelAt } from '../picture.ts'
import { full } from './full-variation.ts'

const PALETTES: readonly { readonly name: string; readonly colors: PaletteColors }[] = [
  { name: 'a light palette', colors: OCEAN },
  { name: 'a dark palette', colors: NIGHT },
]
const SUNSET: PaletteColors = ['#FF6B35', '#004E89', '#F7C59F', '#EFEFD0', '#1A659E']
const SIDE_PX = 720
const WHITE: Rgb = [255, 255, 255]
const CREAM: Rgb = [244, 236, 224]
const BLACK: Rgb = [0, 0, 0]
const PALE_BLUE: Rgb = [242, 247, 255]
const DEEP_BLUE: Rgb = [60, 98, 145]
const RED: Rgb = [230, 60, 70]
const BLUE: Rgb = [31, 58, 95]

/** 1 in the middle, 0 from the border on, without an edge anywhere. */
const soft = (distance: number) => (distance >= 1 ? 0 : (1 - distance * distance) ** 2)

/** A red disc and a blue bar, each with a crisp border. */
function subjectAt(x: number, y: number): Rgb | null {
  if (x > 200 && x < 520 && y > 480 && y < 520) return BLUE
  return Math.hypot(x - 360, y - 300) < 160 ? RED : null
}

/** The same with a white mark, and with light on the disc. */
function litSubjectAt(x: number, y: number): Rgb | null {
  if (x > 320 && x < 400 && y > 260 && y < 340) return WHITE
  const own = subjectAt(x, y)
  return own === RED ? mix([255, 122, 89], [194, 24, 91], (x + y - 440) / 440) : own
}

type Variation = Parameters<typeof pixelAt>[0]

function labAt(image: Variation, x: number, y: number) {
  return labOfRgb(...pixelAt(image, x, y))
}

/** How far a pixel's hue and strength of colour are from those of the ground at its lightness. */
function tint(image: Variation, x: number, y: number): number {
  const [l, a, b] = labAt(image, x, y)
  const [groundL, groundA, groundB] = labAt(image, 5, 5)
  const light = Math.min(1, l / groundL)
  return Math.hypot(a - groundA * light, b - groundB * light)
}

describe.each(PALETTES)('with $name', ({ colors }) => {
  test.each([
    { ground: 'white', of: WHITE, ink: BLACK },
    { ground: 'cream', of: CREAM, ink: BLACK },
    { ground: 'pale blue, the shadow bluish', of: PALE_BLUE, ink: DEEP_BLUE },
  ])('a soft shadow is a darker shade of the ground that it falls on: $ground', ({ of, ink }) => {
    const shadowAt = (x: number, y: number) => 0.55 * soft(Math.hypot((x - 370) / 260, (y - 540) / 80))
    const image = drawImage(SIDE_PX, SIDE_PX, (x, y) => subjectAt(x, y) ?? mix(of, ink, shadowAt(x, y)))
    const result = full(image, colors)
    const [ground] = labAt(result, 5, 5)
    for (let y = 530; y < 640; y += 3) {
      for (let x = 90; x < 660; x += 3) {
        expect(tint(result, x, y), `tint at ${x}, ${y}`).toBeLessThan(0.05)
        expect(labAt(result, x, y)[0], `lightness at ${x}, ${y}`).toBeLessThan(ground + 0.02)
      }
    }
    expect(labAt(result, 370, 545)[0]).toBeLessThan(ground - 0.03)
  })

  test('a highlight that has the colour of the ground is no hole in what it lies on', () => {
    const image = drawImage(SIDE_PX, SIDE_PX, (x, y) => {
      if (Math.hypot(x - 360, y - 360) > 220) return WHITE
      const light = Math.min(1, 1.15 * soft(Math.hypot(x - 300, y - 290) / 330))
      return mix([90, 90, 90], WHITE, light)
    })
    const result = full(image, colors)
    const ground = labAt(result, 5, 5)
    for (let y = 260; y < 330; y += 2) {
      for (let x = 260; x < 330; x += 2) {
        const step = labDistance(labAt(result, x, y), labAt(result, x + 2, y))
        expect(step, `at ${x}, ${y}`).toBeLessThan(0.03)
        expect(labDistance(labAt(result, x, y), ground), `at ${x}, ${y}`).toBeGreaterThan(0.01)
      }
    }
  })

  test('a soft grey thing apart from all others does not vanish into the ground', () => {
    const image = drawImage(SIDE_PX, SIDE_PX, (x, y) => {
      if (y > 440 && y < 680 && x > 60 && x < 660) return RED
      return mix(WHITE, [110, 110, 110], soft(Math.hypot(x - 360, y - 220) / 140))
    })
    const result = full(image, colors)
    expect(labDistance(labAt(result, 360, 220), labAt(result, 5, 5))).toBeGreaterThan(0.3)
  })

  test('a soft blot that is all there is does not vanish into the ground', () => {
    const image = drawImage(SIDE_PX, SIDE_PX, (x, y) =>
      mix(WHITE, [110, 110, 110], soft(Math.hypot(x - 360, y - 360) / 300)),
    )
    const result = full(image, colors)
    expect(labDistance(labAt(result, 360, 360), labAt(result, 5, 5))).toBeGreaterThan(0.2)
  })

  test('a ring with a soft border stays a ring: what it encloses is the ground', () => {
    const image = drawImage(SIDE_PX, SIDE_PX, (x, y) => {
      const fromMiddle = Math.abs(Math.hypot(x - 360, y - 360) - 190)
      return mix(WHITE, [128, 48, 128], 0.5 - 0.5 * Math.tanh((fromMiddle - 43) / 14))
    })
    const result = full(image, colors)
    expect(labDistance(labAt(result, 360, 360), labAt(result, 5, 5))).toBeLessThan(0.01)
    expect(labDistance(labAt(result, 170, 360), labAt(result, 5, 5))).toBeGreaterThan(0.1)
  })

  test('a large hole in a grey thing stays one where its border is soft', () => {
    const image = drawImage(SIDE_PX, SIDE_PX, (x, y) => {
      const fromMiddle = Math.hypot(x - 360, y - 360)
      if (fromMiddle > 230) return WHITE
      return mix(WHITE, [136, 136, 136], 0.5 + 0.5 * Math.tanh((fromMiddle - 150) / 14))
    })
    const result = full(image, colors)
    expect(labDistance(labAt(result, 360, 360), labAt(result, 5, 5))).toBeLessThan(0.01)
  })

  test('a shadow that falls into a hole leaves it a hole', () => {
    const image = drawImage(SIDE_PX, SIDE_PX, (x, y) => {
      const fromMiddle = Math.hypot(x - 360, y - 360)
      if (fromMiddle > 260) return WHITE
      return fromMiddle > 130 ? [42, 112, 200] : mix(WHITE, [0, 0, 0], 0.45 * soft((130 - fromMiddle) / 70))
    })
    const result = full(image, colors)
    expect(labDistance(labAt(result, 360, 360), labAt(result, 5, 5))).toBeLessThan(0.01)
    for (let x = 240; x < 480; x += 3) expect(tint(result, x, 360), `tint at ${x}`).toBeLessThan(0.05)
  })

  test.each([
    { border: 'narrow', radiusPx: 170, borderPx: 50 },
    { border: 'wide', radiusPx: 250, borderPx: 220 },
  ])('a white thing on grey does not vanish into it: $border soft border', ({ radiusPx, borderPx }) => {
    const image = drawImage(SIDE_PX, SIDE_PX, (x, y) => {
      if (y > 620 && y < 660 && x > 120 && x < 600) return BLUE
      const inside = radiusPx - Math.hypot(x - 360, y - 320)
      return mix(WHITE, [200, 204, 208], soft(Math.max(0, inside) / borderPx))
    })
    const result = full(image, colors)
    expect(labDistance(labAt(result, 360, 320), labAt(result, 5, 5))).toBeGreaterThan(0.1)
  })
})

test('a ground that is lighter in its middle is one ground', () => {
  const image = drawImage(
    SIDE_PX,
    SIDE_PX,
    (x, y) =>
      litSubjectAt(x, y) ?? mix(WHITE, [207, 207, 207], Math.min(1, Math.hypot(x - 360, y - 360) / 540)),
  )
  const result = full(image, SUNSET)
  for (let y = 20; y < 700; y += 10) {
    for (let x = 20; x < 190; x += 10) expect(tint(result, x, y), `at ${x}, ${y}`).toBeLessThan(0.03)
  }
})
