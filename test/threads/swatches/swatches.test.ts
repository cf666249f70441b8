import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contrastRatio } from '../../../src/threads/colour/contrast.ts'
import { labDistance } from '../../../src/threads/colour/oklab.ts'
import { lchOfLab } from '../../../src/threads/colour/oklch.ts'
import { hexOfRgb, rgbOfHex, type Rgb } from '../../../src/threads/colour/srgb.ts'
import type { Swatch, SwatchName } from '../../../src/threads/protocol.ts'
import { derivePalettes } from '../../../src/threads/swatches/derived-palettes.ts'
import { findSwatches } from '../../../src/threads/swatches/swatches.ts'
import { drawImage, labOfHex, loadFixture } from '../picture.ts'

describe('swatches', () => {
  test('show the colours that a picture has', async () => {
    const image = drawImage(300, 300, (x, y) =>
      y < 150 ? [220, 30, 40] : x < 150 ? [20, 60, 140] : [250, 250, 250],
    )
    const swatches = await findSwatches(image)
    const byName = new Map(swatches.map((swatch) => [swatch.name, swatch]))
    expect(labDistance(labOfHex(byName.get('Vibrant')!.hex), labOfHex('#DC1E28'))).toBeLessThan(0.05)
    expect(labDistance(labOfHex(byName.get('DarkVibrant')!.hex), labOfHex('#143C8C'))).toBeLessThan(0.05)
    expect(byName.get('Vibrant')!.share).toBeCloseTo(0.5, 1)
  })

  test('are only those that the picture has: node-vibrant’s inventions are left out', async () => {
    const swatches = await findSwatches(drawImage(64, 64, () => [220, 30, 40]))
    expect(swatches.map((swatch) => swatch.name)).toEqual(['Vibrant'])
    expect(swatches[0]!.share).toBe(1)
  })

  test('are its main colours and not a few odd pixels: each stands for a good part of the picture', async () => {
    const image = drawImage(400, 400, (x, y) => {
      if (x < 200) return [222, 88, 51]
      if (y < 200) return [40, 70, 130]
      // A speck of the very colour that node-vibrant likes best.
      return x > 390 && y > 390 ? [255, 0, 0] : [225, 214, 205]
    })
    const swatches = await findSwatches(image)
    expect(swatches.map(({ name, hex }) => [name, hex])).toEqual([
      ['Vibrant', '#DE5833'],
      ['DarkVibrant', '#284682'],
      ['LightMuted', '#E1D6CD'],
    ])
    expect(swatches[0]!.share).toBeCloseTo(0.5, 1)
  })

  test('take another name that they suit where a larger colour has the first one', async () => {
    const image = drawImage(300, 300, (x, y) => {
      // Both are Muted; this one is dark as well.
      if (x < 30 && y < 30) return [90, 54, 112]
      return y < 100 ? [181, 158, 169] : [244, 241, 234]
    })
    expect((await findSwatches(image)).map(({ name, hex }) => [name, hex])).toEqual([
      ['Muted', '#B59EA9'],
      ['DarkMuted', '#5A3670'],
      ['LightMuted', '#F4F1EA'],
    ])
  })

  test.each(['logo-duckduckgo.png', 'emoji-1f98a.png', 'logo-chrome.png'])(
    'of %s each show on half a percent of it at least',
    async (name) => {
      const swatches = await findSwatches(await loadFixture(name, 512))
      expect(swatches.length).toBeGreaterThan(0)
      for (const { share } of swatches) expect(share).toBeGreaterThanOrEqual(0.005)
    },
  )

  test('are the same on every run', async () => {
    const image = await loadFixture('emoji-1f525.png', 512)
    expect(await findSwatches(image)).toEqual(await findSwatches(image))
  })

  test('do not count transparent pixels', async () => {
    const image = drawImage(64, 64, (x) => (x < 48 ? [0, 255, 0, 0] : [20, 60, 140, 255]))
    const swatches = await findSwatches(image)
    expect(swatches).toHaveLength(1)
    expect(swatches[0]!.share).toBe(1)
    expect(labDistance(labOfHex(swatches[0]!.hex), labOfHex('#143C8C'))).toBeLessThan(0.05)
  })

  test('of a wholly transparent picture are none', async () => {
    expect(await findSwatches(drawImage(16, 16, () => [1, 2, 3, 0]))).toEqual([])
  })

  test('come from pictures of any shape', async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 900],
      [900, 1],
      [129, 2],
    ] as const) {
      expect(await findSwatches(drawImage(width, height, () => [220, 30, 40]))).toHaveLength(1)
    }
  })
})

const NAMES: SwatchName[] = ['Vibrant', 'DarkVibrant', 'LightVibrant', 'Muted', 'DarkMuted', 'LightMuted']

const anySwatches = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 0xffffff }), fc.double({ min: 0.001, max: 1, noNaN: true })), {
    maxLength: 6,
  })
  .map((entries) =>
    entries.map(([value, share], i): Swatch => ({
      name: NAMES[i]!,
      hex: hexOfRgb([value >> 16, (value >> 8) & 255, value & 255] as Rgb),
      share,
    })),
  )

describe('palettes derived from swatches', () => {
  test('are 15, all distinct, of five distinct colours each, whatever the swatches', () => {
    fc.assert(
      fc.property(anySwatches, (swatches) => {
        const palettes = derivePalettes(swatches)
        expect(palettes).toHaveLength(15)
        expect(new Set(palettes.map((palette) => palette.colors.join())).size).toBe(15)
        expect(new Set(palettes.map((palette) => palette.name)).size).toBe(15)
        for (const { colors, derived } of palettes) {
          expect(derived).toBe(true)
          expect(new Set(colors).size).toBe(5)
          for (const hex of colors) expect(hex).toMatch(/^#[0-9A-F]{6}$/)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('can be read: primary on background has the contrast that text needs', () => {
    fc.assert(
      fc.property(anySwatches, (swatches) => {
        for (const { colors } of derivePalettes(swatches)) {
          const [primary, , , background] = colors.map((hex) => rgbOfHex(hex))
          expect(contrastRatio(primary!, background!)).toBeGreaterThanOrEqual(4.5)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('stand out: every colour differs visibly from the background', () => {
    fc.assert(
      fc.property(anySwatches, (swatches) => {
        for (const { colors } of derivePalettes(swatches)) {
          for (const role of [0, 1, 2, 4] as const) {
            expect(labDistance(labOfHex(colors[role]), labOfHex(colors[3]))).toBeGreaterThan(0.1)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('come in light and dark forms', () => {
    const grounds = derivePalettes([]).map(({ colors }) => labOfHex(colors[3])[0])
    expect(grounds.filter((lightness) => lightness > 0.9).length).toBeGreaterThanOrEqual(5)
    expect(grounds.filter((lightness) => lightness < 0.3).length).toBeGreaterThanOrEqual(4)
  })

  test('take their hue from the picture’s strongest colour, and not from its greys', () => {
    const palettes = derivePalettes([
      { name: 'Muted', hex: '#808080', share: 0.9 },
      { name: 'Vibrant', hex: '#D01020', share: 0.1 },
    ])
    const wanted = lchOfLab(labOfHex('#D01020')).hue
    const primary = lchOfLab(labOfHex(palettes[0]!.colors[0])).hue
    expect(Math.abs(primary - wanted)).toBeLessThan(4)
    for (const { description } of palettes) expect(description).toMatch(/^Derived from the image: /)
  })

  test.each([
    ['no swatches', []],
    ['greys alone', [{ name: 'Muted', hex: '#808080', share: 0.9 }] satisfies Swatch[]],
  ])('claim no hue of a picture that has %s', (_, swatches) => {
    for (const { description } of derivePalettes(swatches)) {
      expect(description).toMatch(/^Derived from a calm blue, as the image shows no hue: /)
    }
  })
})
