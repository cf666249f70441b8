import { expect, test } from 'vitest'
import { labDistance, labOfRgb } from '../../../src/threads/colour/oklab.ts'
import type { Rgb } from '../../../src/threads/colour/srgb.ts'
import { drawImage, mix, NIGHT, OCEAN, pixelAt } from '../picture.ts'
import { full } from './full-variation.ts'
import { distanceToLine } from './lab-line.ts'

const GROUND: Rgb = [20, 18, 30]
const STAR: Rgb = [232, 219, 110]
const PALETTES = [
  { name: 'a light palette', colors: OCEAN },
  { name: 'a dark palette', colors: NIGHT },
]
/** Pixels are drawn from so many points in each direction. */
const POINTS = 8

/** A tip of a star that ends thinner than a pixel, and three things far from it. */
const image = drawImage(1024, 1024, (x, y) => {
  if (y > 700 && y < 900) {
    if (x > 100 && x < 400) return [139, 118, 248]
    if (x > 500 && x < 900) return [110, 110, 110]
  }
  if (x > 500 && x < 900 && y > 100 && y < 250) return [64, 38, 79]
  return mix(GROUND, STAR, shareInTip(x, y))
})

function shareInTip(x: number, y: number): number {
  let inside = 0
  for (let i = 0; i < POINTS * POINTS; i++) {
    const atX = x + (i % POINTS) / POINTS
    const atY = y + Math.floor(i / POINTS) / POINTS
    const middle = 400 + (atX - 150) * 0.13
    if (atX > 150 && Math.abs(atY - middle) < (420 - atX) * 0.12) inside++
  }
  return inside / POINTS ** 2
}

test.each(PALETTES)(
  'a thin tip is of its own colour and of what it lies on, and of nothing far away: $name',
  ({ colors }) => {
    const result = full(image, colors)
    const labAt = (x: number, y: number) => labOfRgb(...pixelAt(result, x, y))
    const [ground, star] = [labAt(5, 5), labAt(170, 400)]
    for (let y = 350; y < 470; y++) {
      for (let x = 120; x < 440; x++) {
        expect(distanceToLine(labAt(x, y), ground, star), `at ${x}, ${y}`).toBeLessThan(0.06)
      }
    }
  },
)

test('a faint hairline by itself on the ground stands out from it all along', () => {
  const line = drawImage(1024, 1024, (x, y) => {
    if (y > 600 && y < 900 && x > 200 && x < 800) return [0, 0, 0]
    return y === 200 + Math.round(x * 0.2) && x > 200 && x < 800 ? [208, 208, 208] : [255, 255, 255]
  })
  const result = full(line, NIGHT)
  const lightnessAt = (x: number, y: number) => labOfRgb(...pixelAt(result, x, y))[0]
  for (let x = 210; x < 790; x++) {
    const own = lightnessAt(x, 200 + Math.round(x * 0.2))
    expect(own, `at ${x}`).toBeGreaterThan(lightnessAt(5, 5) + 0.05)
  }
})

test.each(PALETTES)(
  'a rim that is a little darker than both its sides has no colour of a thing far away: $name',
  ({ colors }) => {
    const [cream, orange]: readonly Rgb[] = [
      [244, 241, 235],
      [255, 130, 45],
    ]
    const rimmed = drawImage(1024, 1024, (x, y) => {
      if (x > 700 && x < 900 && y > 700 && y < 900) return [205, 130, 150]
      if (x > 150 && x < 400 && y > 750 && y < 900) return [60, 50, 60]
      const share = Math.min(1, Math.max(0, (300 - Math.hypot(x - 450, y - 400)) / 5 + 0.5))
      const light = 1 - 0.8 * share * (1 - share)
      return mix(cream!, orange!, share).map((part) => Math.round(part * light))
    })
    const result = full(rimmed, colors)
    const labAt = (x: number, y: number) => labOfRgb(...pixelAt(result, x, y))
    const [ground, thing, foreign] = [labAt(5, 5), labAt(450, 400), labAt(800, 800)]
    for (let i = 0; i < 2_000; i++) {
      const angle = (2 * Math.PI * i) / 2_000
      for (let radiusPx = 292; radiusPx <= 308; radiusPx++) {
        const own = labAt(
          Math.round(450 + radiusPx * Math.cos(angle)),
          Math.round(400 + radiusPx * Math.sin(angle)),
        )
        const toForeign = labDistance(own, foreign)
        expect(toForeign, `${radiusPx} px at ${angle}`).toBeGreaterThan(distanceToLine(own, ground, thing))
      }
    }
  },
)
