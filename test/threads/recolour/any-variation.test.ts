import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { takeOutput } from '../../../src/threads/recolour/output-buffer.ts'
import { analyseRegions } from '../../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../../src/threads/recolour/variation.ts'
import { anyPalette, anyPicture } from './any-picture.ts'
import { full } from './full-variation.ts'

describe('for every image and every palette', () => {
  test('strength 0 leaves the pixels as they are', () => {
    fc.assert(
      fc.property(anyPicture, anyPalette, (image, colors) => {
        expect(recolour(image, analyseRegions(image), colors, 0).pixels).toEqual(image.pixels)
      }),
      { numRuns: 60 },
    )
  })

  test('the same input gives the same bytes, whatever was recoloured in between', () => {
    fc.assert(
      fc.property(anyPicture, anyPicture, anyPalette, (image, other, colors) => {
        const first = full(image, colors).pixels
        full(other, colors)
        expect(full(image, colors).pixels).toEqual(first)
      }),
      { numRuns: 60 },
    )
  })

  test('transparency stays, byte for byte, and the input is not written to', () => {
    fc.assert(
      fc.property(
        anyPicture,
        anyPalette,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (image, colors, strength) => {
          const before = image.pixels.slice()
          const result = recolour(image, analyseRegions(image), colors, strength)
          expect(result).toMatchObject({ width: image.width, height: image.height, channels: image.channels })
          expect(image.pixels).toEqual(before)
          if (image.channels === 3) return
          for (let at = 3; at < before.length; at += 4) expect(result.pixels[at]).toBe(before[at])
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a result is the same in memory that held another', () => {
    fc.assert(
      fc.property(anyPicture, anyPalette, (image, colors) => {
        const regions = analyseRegions(image)
        const wanted = recolour(image, regions, colors, 1).pixels
        const target = takeOutput(image.pixels.byteLength).fill(0xa5)
        expect(recolour(image, regions, colors, 1, target).pixels).toEqual(wanted)
      }),
      { numRuns: 60 },
    )
  })

  test('half the strength lies half-way', () => {
    fc.assert(
      fc.property(anyPicture, anyPalette, (image, colors) => {
        const regions = analyseRegions(image)
        const whole = recolour(image, regions, colors, 1).pixels
        const half = recolour(image, regions, colors, 0.5).pixels
        const source = image.pixels
        for (let at = 0; at < half.length; at++) {
          expect(Math.abs(half[at]! - (source[at]! + whole[at]!) / 2)).toBeLessThanOrEqual(0.5)
        }
      }),
      { numRuns: 30 },
    )
  })
})
