import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Raster } from '../../../src/threads/codec/raster.ts'
import type { HexColor, PaletteColors, SharedImage } from '../../../src/threads/protocol.ts'
import { analyseRegions } from '../../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../../src/threads/recolour/variation.ts'
import { drawImage, loadFixture, OCEAN, pixelAt } from '../picture.ts'
import { designedPalette, distinctPalette } from './any-picture.ts'
import { anyFields, byRoles, coloursOfFields, drawFields, GROUND } from './fields.ts'

/** Colours this far apart in OKLab are never shades of one tone. */
const TONES_APART = 0.15
/** Fields in colours this far apart can always be told from each other, so that none has to share one. */
const PALETTE_APART = 0.2

const full = (image: Raster, colors: PaletteColors) => recolour(image, analyseRegions(image), colors, 1)

/** Each field of the source must have one colour in the result: the colour by the source's. */
function oneColourEach(source: SharedImage, colors: PaletteColors): Map<HexColor, HexColor> {
  const fields = coloursOfFields(source, full(source, colors))
  return new Map(
    [...fields].map(([hex, became]) => {
      expect(became.size).toBe(1)
      return [hex, [...became][0]!]
    }),
  )
}

const anyLayout = fc.boolean().chain((touching) => anyFields(touching))
const ownColours = distinctPalette(TONES_APART)
const goodPalette = fc.oneof(designedPalette(PALETTE_APART), distinctPalette(PALETTE_APART))

describe('a picture of flat fields', () => {
  test('gets a palette’s very colours, a different one for each of its own, and the background the background’s', () => {
    fc.assert(
      fc.property(anyLayout, ownColours, goodPalette, (layout, own, colors) => {
        const fields = oneColourEach(drawFields(layout, own), colors)
        for (const hex of fields.values()) expect(colors).toContain(hex)
        expect(new Set(fields.values()).size).toBe(fields.size)
        expect(fields.get(own[GROUND])).toBe(colors[GROUND])
      }),
      { numRuns: 60 },
    )
  })

  test('with a colour for every one of the palette uses all of them, in whatever order the palette names them', () => {
    const anyOrder = fc.shuffledSubarray([0, 1, 2, 4] as const, { minLength: 4 })
    fc.assert(
      fc.property(
        anyLayout.filter(({ cells }) => [0, 1, 2, 4].every((place) => cells.includes(place))),
        ownColours,
        goodPalette,
        anyOrder,
        (layout, own, colors, [one, two, three, four]) => {
          const turned: PaletteColors = [
            colors[one!],
            colors[two!],
            colors[three!],
            colors[GROUND],
            colors[four!],
          ]
          const image = drawFields(layout, own)
          for (const order of [colors, turned]) {
            const fields = oneColourEach(image, order)
            expect(new Set(fields.values())).toEqual(new Set(colors))
            expect(fields.get(own[GROUND])).toBe(colors[GROUND])
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('a picture that has the palette’s colours already', () => {
  test('has the palette’s very colours afterwards, and the background its own', () => {
    fc.assert(
      fc.property(anyLayout, goodPalette, (layout, colors) => {
        const fields = oneColourEach(drawFields(layout, colors), colors)
        for (const hex of fields.values()) expect(colors).toContain(hex)
        expect(fields.get(colors[GROUND])).toBe(colors[GROUND])
      }),
      { numRuns: 60 },
    )
  })

  // Where the areas do not follow the roles, colours may change places: the primary is to fill the most. And a
  // pixel at which three fields meet may be taken for a mixture of two of them, so that the fields lie apart here.
  test('stays as it is, however often it is recoloured, where the areas follow the roles', () => {
    fc.assert(
      fc.property(anyFields(false), ownColours, (layout, colors) => {
        const image = drawFields(byRoles(layout), colors)
        const once = full(image, colors)
        expect(Buffer.compare(once.pixels, image.pixels)).toBe(0)
        expect(Buffer.compare(full(once, colors).pixels, once.pixels)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a flat place of a colour that no tone of the picture explains', () => {
  // On the border of two things, with a strip at each side that is a shade of one of them, and runs into it.
  const image = drawImage(1024, 1024, (x, y) => {
    if (Math.min(x, y) < 8 || Math.max(x, y) > 1016) return [255, 255, 255]
    const aside = Math.abs(x - 512)
    if (Math.abs(y - 512) < 158 && aside < 110) return [187, 108, 118]
    if (Math.abs(y - 512) < 158 && aside < 192) return x < 512 ? [167, 116, 100] : [185, 90, 84]
    return x < 512 ? [153, 120, 85] : [183, 77, 58]
  })

  test('is one colour in the variation, though both things have another', () => {
    const variation = full(image, OCEAN)
    // Its rim takes part in the transition to the strips.
    const inside = []
    for (let y = 384; y < 640; y++)
      for (let x = 432; x < 592; x++) inside.push(String(pixelAt(variation, x, y)))
    expect(new Set(inside).size).toBe(1)
    expect(pixelAt(variation, 200, 200)).not.toEqual(pixelAt(variation, 800, 200))
  })
})

describe('a flat colour of a picture', () => {
  test.each(['logo-duckduckgo', 'logo-chrome', 'logo-bazel-icon'])(
    'is one colour in the variation, in thin parts too: %s',
    async (name) => {
      const image = await loadFixture(`${name}.png`, 1024)
      const { pixels } = full(image, OCEAN)
      const source = image.pixels
      const becomes = new Map<number, Map<number, number>>()
      for (let at = 0; at < source.length; at += image.channels) {
        const [from, to] = [source, pixels].map(
          (bytes) => (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!,
        )
        const targets = becomes.get(from!) ?? new Map<number, number>()
        becomes.set(from!, targets.set(to!, (targets.get(to!) ?? 0) + 1))
      }
      const shares = [...becomes.values()].flatMap((targets) => {
        const counts = [...targets.values()]
        const total = counts.reduce((sum, count) => sum + count, 0)
        return total < (image.width * image.height) / 500 ? [] : [Math.max(...counts) / total]
      })
      expect(shares.length).toBeGreaterThan(3)
      expect(Math.min(...shares)).toBe(1)
    },
  )
})
