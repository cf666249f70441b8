import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { labDistance } from '../../../src/threads/colour/oklab.ts'
import { hexOfRgb, rgbOfHex, type Rgb } from '../../../src/threads/colour/srgb.ts'
import type { PaletteColors, SharedImage } from '../../../src/threads/protocol.ts'
import { drawImage, labOfHex } from '../picture.ts'

const byte = fc.integer({ min: 0, max: 255 })

/** Pictures of every sort: flat fields, ramps, noise, few and many colours, with and without transparency. */
export const anyPicture: fc.Arbitrary<SharedImage> = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    hasAlpha: fc.boolean(),
    sort: fc.constantFrom('fields', 'ramp', 'noise'),
    colours: fc.array(fc.tuple(byte, byte, byte, byte), { minLength: 1, maxLength: 9 }),
  })
  .map(({ width, height, hasAlpha, sort, colours }) =>
    drawImage(width, height, (x, y) => {
      const place = sort === 'fields' ? (x >> 3) + (y >> 3) : Math.imul(x * 31 + y * 17 + 1, 0x9e3779b1) >>> 8
      const [first, last] = [colours[0]!, colours.at(-1)!]
      const colour =
        sort === 'ramp'
          ? first.map((part, i) => Math.round((part * x + last[i]! * y) / 80))
          : colours[place % colours.length]!
      return hasAlpha ? colour : colour.slice(0, 3)
    }),
  )

export const anyPalette: fc.Arbitrary<PaletteColors> = fc
  .tuple(...Array.from({ length: 5 }, () => fc.tuple(byte, byte, byte)))
  .map((colours) => colours.map((rgb) => hexOfRgb(rgb as unknown as Rgb)) as unknown as PaletteColors)

/** Dark colours that are far apart for the eye may still have nearly the same bytes. */
const MIN_STEP = 48

/** Palettes of five colours that nobody takes for one another: this far apart in OKLab, and in their bytes too. */
export const distinctPalette = (minDistance: number): fc.Arbitrary<PaletteColors> =>
  anyPalette.filter((colors) => areDistinct(colors, minDistance))

const PALETTES = new URL('../../fixtures/palettes.json', import.meta.url)

/** Those of the palettes that are made by hand, of which the same holds. */
export const designedPalette = (minDistance: number): fc.Arbitrary<PaletteColors> =>
  fc.constantFrom(
    ...(JSON.parse(readFileSync(PALETTES, 'utf8')) as { colors: PaletteColors }[])
      .map(({ colors }) => colors)
      .filter((colors) => areDistinct(colors, minDistance)),
  )

function areDistinct(colors: PaletteColors, minDistance: number): boolean {
  return colors.every((one, i) =>
    colors.slice(0, i).every((other) => {
      const rgb = rgbOfHex(other)
      const step = Math.max(...rgbOfHex(one).map((part, at) => Math.abs(part - rgb[at]!)))
      return step >= MIN_STEP && labDistance(labOfHex(one), labOfHex(other)) >= minDistance
    }),
  )
}
