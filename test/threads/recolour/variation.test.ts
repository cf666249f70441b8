import { beforeAll, describe, expect, test } from 'vitest'
import { labDistance, labOfRgb } from '../../../src/threads/colour/oklab.ts'
import { contrastRatio } from '../../../src/threads/colour/contrast.ts'
import { hexOfRgb, rgbOfHex, type Rgb } from '../../../src/threads/colour/srgb.ts'
import type { PaletteColors, RegionAnalysis, SharedImage } from '../../../src/threads/protocol.ts'
import { analyseRegions } from '../../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../../src/threads/recolour/variation.ts'
import { drawImage, labOfHex, loadFixture, NIGHT, OCEAN, pixelAt } from '../picture.ts'
import { full } from './full-variation.ts'

const hexAt = (raster: ReturnType<typeof recolour>, x: number, y: number) => hexOfRgb(pixelAt(raster, x, y))

const WHITE: Rgb = [255, 255, 255]
const BLACK: Rgb = [0, 0, 0]
const RED: Rgb = [220, 30, 40]
const TEAL: Rgb = [20, 140, 130]

/** A black frame around a red and a teal field, on white. */
function drawBadge(sidePx: number): SharedImage {
  const part = (share: number) => Math.round(sidePx * share)
  const within = (value: number, from: number, to: number) => value >= part(from) && value < part(to)
  return drawImage(sidePx, sidePx, (x, y) => {
    if (!within(x, 0.2, 0.8) || !within(y, 0.2, 0.8)) return WHITE
    if (!within(x, 0.28, 0.72) || !within(y, 0.28, 0.72)) return BLACK
    return x < part(0.5) ? RED : TEAL
  })
}

describe('flat regions', () => {
  test('take the very colours of the palette, the background its own', () => {
    for (const colors of [OCEAN, NIGHT]) {
      const result = full(drawBadge(200), colors)
      expect(hexAt(result, 5, 5)).toBe(colors[3])
      const regions = [hexAt(result, 50, 50), hexAt(result, 80, 100), hexAt(result, 120, 100)]
      for (const hex of regions) expect(colors).toContain(hex)
      expect(new Set([...regions, colors[3]]).size).toBe(4)
    }
  })

  test('are of one colour throughout, without noise or halos', () => {
    const result = full(drawBadge(200), OCEAN)
    const seen = new Set<string>()
    for (let y = 0; y < 200; y++) for (let x = 0; x < 200; x++) seen.add(hexAt(result, x, y))
    expect([...seen].every((hex) => (OCEAN as readonly string[]).includes(hex))).toBe(true)
  })

  test('stay flat when the source is noisy like a compressed photograph of a logo', () => {
    const clean = drawBadge(160)
    const noisy = drawImage(160, 160, (x, y) => {
      const noise = (Math.imul(x * 73 + y * 151 + 7, 0x9e3779b1) >>> 29) - 3
      return pixelAt({ ...clean, pixels: clean.pixels }, x, y).map((part) =>
        Math.min(255, Math.max(0, part + noise)),
      )
    })
    const result = full(noisy, OCEAN)
    for (const [x, y] of [
      [3, 3],
      [20, 140],
      [150, 80],
    ] as const)
      expect(hexAt(result, x, y)).toBe(OCEAN[3])
  })

  test('keep their edges even when the palette has only pale colours', () => {
    const pastel: PaletteColors = ['#FFADAD', '#FFD6A5', '#CAFFBF', '#FDFFFC', '#9BF6FF']
    const result = full(drawBadge(200), pastel)
    const [frame, red, teal] = [pixelAt(result, 50, 50), pixelAt(result, 80, 100), pixelAt(result, 120, 100)]
    for (const [one, other] of [
      [frame, red],
      [frame, teal],
      [red, teal],
      [frame, pixelAt(result, 5, 5)],
    ] as const) {
      expect(labDistance(labOfRgb(...one), labOfRgb(...other))).toBeGreaterThan(0.05)
    }
  })

  test('of an image that already has the palette’s colours give the same image again', () => {
    for (const colors of [OCEAN, NIGHT]) {
      const once = full(drawBadge(120), colors)
      expect(full(once, colors).pixels).toEqual(once.pixels)
    }
  })
})

test('a badge on nothing does not take the colour that the page behind it may have', () => {
  const ember: PaletteColors = ['#C8401B', '#6A1B2D', '#F29E4C', '#FFF4E6', '#F2D0A4']
  const badge = drawImage(512, 512, (x, y) => {
    const glow = Math.max(0, 1 - Math.hypot(x - 205, y - 180) / 80)
    const alpha = Math.round(255 * Math.min(1, Math.max(0, 200.5 - Math.hypot(x - 256, y - 256))))
    return [112 + 143 * glow, 48 + 207 * glow, 160 + 95 * glow, alpha]
  })
  const result = full(badge, ember)
  expect(ember.filter((hex) => hex !== ember[3])).toContain(hexAt(result, 256, 400))
})

test('text in black on white can be read on a dark background', () => {
  const stripes = drawImage(160, 160, (x, y) =>
    x > 20 && x < 140 && y > 20 && y < 140 && (y >> 2) % 3 === 0 ? BLACK : WHITE,
  )
  const result = full(stripes, NIGHT)
  const ground = pixelAt(result, 2, 2)
  const text = pixelAt(result, 80, 49)
  expect(hexOfRgb(ground)).toBe(NIGHT[3])
  expect(contrastRatio(ground, text)).toBeGreaterThan(4.5)
})

test('an antialiased edge passes straight from one new colour to the other', () => {
  const disc = drawImage(200, 200, (x, y) => {
    const inside = Math.min(1, Math.max(0, 60.5 - Math.hypot(x - 100, y - 100)))
    return RED.map((part) => Math.round(255 + (part - 255) * inside))
  })
  const result = full(disc, NIGHT)
  const ground = labOfHex(NIGHT[3])
  const subject = labOfRgb(...pixelAt(result, 100, 100))
  const length = labDistance(ground, subject)
  for (let x = 20; x < 180; x++) {
    const colour = labOfRgb(...pixelAt(result, x, 100))
    // On the straight line the ways to both ends add up to its length.
    expect(labDistance(colour, ground) + labDistance(colour, subject)).toBeLessThan(length + 0.03)
  }
})

test('the rim between two strong colours is made of these alone, however much it looks like a third', () => {
  const magenta: Rgb = [248, 41, 179]
  const cyan: Rgb = [0, 231, 234]
  const lavender: Rgb = [138, 124, 255]
  const [sidePx, centrePx, radiusPx] = [512, 320, 75]
  // Half a pixel of antialiasing to either side, blended by bytes as all programs for drawing do.
  const cover = (x: number, y: number) =>
    Math.min(1, Math.max(0, radiusPx + 0.5 - Math.hypot(x - centrePx, y - centrePx)))
  const image = drawImage(sidePx, sidePx, (x, y) => {
    if (x > 100 && x < 240 && y > 60 && y < 170) return lavender
    if (Math.hypot(x - 256, y - 256) > 210) return [30, 15, 20]
    return magenta.map((part, i) => Math.round(part + (cyan[i]! - part) * cover(x, y)))
  })
  for (const colors of [OCEAN, NIGHT]) {
    const result = full(image, colors)
    const [from, to] = [labOfRgb(...pixelAt(result, 100, 320)), labOfRgb(...pixelAt(result, 320, 320))]
    for (let pixel = 0; pixel < sidePx * sidePx; pixel++) {
      const [x, y] = [pixel % sidePx, Math.floor(pixel / sidePx)]
      if (cover(x, y) === 0 || cover(x, y) === 1) continue
      const lab = labOfRgb(...pixelAt(result, x, y))
      // As far round as the way straight on, but for what rounding to bytes and to steps of a mixture adds.
      expect(labDistance(from, lab) + labDistance(lab, to)).toBeLessThan(labDistance(from, to) + 0.015)
    }
  }
})

test('a smooth ramp stays smooth', () => {
  const ramp = drawImage(256, 256, (x, y) => {
    if (x < 20 || y < 20 || x >= 236 || y >= 236) return WHITE
    const t = (y - 20) / 216
    return [Math.round(250 - 30 * t), Math.round(170 - 130 * t), Math.round(60 + 60 * t)]
  })
  const result = full(ramp, OCEAN)
  for (let y = 30; y < 225; y++) {
    const step = labDistance(labOfRgb(...pixelAt(result, 128, y)), labOfRgb(...pixelAt(result, 128, y + 1)))
    expect(step).toBeLessThan(0.04)
  }
})

describe('images without regions', () => {
  test('one colour becomes the background', () => {
    const result = full(
      drawImage(30, 30, () => [12, 130, 90]),
      OCEAN,
    )
    expect(hexAt(result, 15, 15)).toBe(OCEAN[3])
  })

  test('a wholly transparent image is left alone', () => {
    const image = drawImage(20, 20, () => [9, 8, 7, 0])
    expect(full(image, OCEAN).pixels).toEqual(image.pixels)
  })

  test('noise takes colours of the palette', () => {
    const noise = drawImage(128, 128, (x, y) => {
      const value = Math.imul(x * 7919 + y * 104_729 + 1, 0x9e3779b1)
      return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255]
    })
    const result = full(noise, OCEAN)
    expect(result.pixels).not.toEqual(noise.pixels)
    const grey = full(
      drawImage(128, 128, (x, y) => Array.from({ length: 3 }, () => (x + y) & 255)),
      NIGHT,
    )
    expect(new Set(Array.from({ length: 128 }, (_, x) => hexAt(grey, x, x))).size).toBeGreaterThan(8)
  })
})

describe('real pictures', () => {
  const names = ['logo-bazel-icon.png', 'logo-duckduckgo.png', 'logo-d3.png', 'emoji-1f525.png']
  const pictures = new Map<string, { image: SharedImage; regions: RegionAnalysis }>()
  beforeAll(async () => {
    for (const name of names) {
      const image = await loadFixture(name, 384)
      pictures.set(name, { image, regions: analyseRegions(image) })
    }
  })

  test.each(names)('%s keeps its edges and gets the palette’s background', (name) => {
    const { image, regions } = pictures.get(name)!
    const source = { ...image, pixels: image.pixels }
    for (const colors of [OCEAN, NIGHT]) {
      const result = recolour(image, regions, colors, 1)
      expect(hexAt(result, 1, 1)).toBe(colors[3])
      let edges = 0
      let kept = 0
      for (let y = 0; y < 380; y++) {
        for (let x = 0; x < 380; x += 2) {
          const step = (raster: Parameters<typeof pixelAt>[0]) =>
            labDistance(labOfRgb(...pixelAt(raster, x, y)), labOfRgb(...pixelAt(raster, x + 3, y)))
          if (step(source) < 0.15) continue
          edges++
          if (step(result) >= 0.03) kept++
        }
      }
      expect(edges).toBeGreaterThan(500)
      expect(kept / edges).toBeGreaterThan(0.98)
    }
  })

  test('the four visible greens of the heart take four different colours', () => {
    const { image, regions } = pictures.get('logo-bazel-icon.png')!
    const result = recolour(image, regions, OCEAN, 1)
    const places = [
      [130, 75],
      [192, 165],
      [154, 258],
      [223, 258],
    ] as const
    const colours = places.map(([x, y]) => hexAt(result, x, y))
    for (const hex of colours) expect(OCEAN).toContain(hex)
    expect(new Set(colours).size).toBe(4)
  })

  test('a shaded picture keeps its shades', () => {
    const { image, regions } = pictures.get('emoji-1f525.png')!
    const result = recolour(image, regions, OCEAN, 1)
    const shades = new Set<string>()
    for (let y = 100; y < 330; y++) shades.add(hexAt(result, 192, y))
    expect(shades.size).toBeGreaterThan(40)
    for (const hex of shades) expect(rgbOfHex(hex)).toHaveLength(3)
  })
})

test('a smooth place stays smooth where three colours run into each other', () => {
  const corners = [
    { place: [128, 20], colour: [250, 180, 60] },
    { place: [20, 236], colour: [240, 120, 110] },
    { place: [236, 236], colour: [180, 140, 150] },
  ] as const
  const meeting = drawImage(256, 256, (x, y) => {
    if (x < 20 || y < 20 || x >= 236 || y >= 236) return WHITE
    const weights = corners.map(({ place }) => Math.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / 9_000))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return [0, 1, 2].map((part) =>
      Math.round(corners.reduce((mixed, { colour }, i) => mixed + (colour[part]! * weights[i]!) / sum, 0)),
    )
  })
  for (const colors of [OCEAN, NIGHT]) {
    const result = full(meeting, colors)
    const labAt = (x: number, y: number) => labOfRgb(...pixelAt(result, x, y))
    const steps: number[] = []
    for (let y = 30; y < 225; y++) {
      for (let x = 30; x < 225; x++) {
        steps.push(labDistance(labAt(x, y), labAt(x + 1, y)), labDistance(labAt(x, y), labAt(x, y + 1)))
      }
    }
    expect(Math.max(...steps)).toBeLessThan(0.04)
  }
})
