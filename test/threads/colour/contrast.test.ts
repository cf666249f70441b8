import { describe, expect, test } from 'vitest'
import { contrastRatio, luminance } from '../../../src/threads/colour/contrast.ts'
import { rgbOfHex } from '../../../src/threads/colour/srgb.ts'

const contrast = (one: string, other: string) => contrastRatio(rgbOfHex(one), rgbOfHex(other))

describe('the contrast of WCAG', () => {
  // Values that checkers of accessibility publish. #767676 is the lightest grey on white that suffices for text.
  test.each([
    ['#000000', '#FFFFFF', 21],
    ['#FFFFFF', '#FFFFFF', 1],
    ['#767676', '#FFFFFF', 4.54],
    ['#777777', '#FFFFFF', 4.48],
    ['#595959', '#FFFFFF', 7.0],
    ['#949494', '#FFFFFF', 3.03],
    ['#616161', '#EDEDED', 5.29],
    ['#00355F', '#FFFFFF', 12.54],
    ['#FFCB00', '#FFFFFF', 1.52],
    ['#FF0000', '#FFFFFF', 4.0],
    ['#0000FF', '#FFFFFF', 8.59],
  ])('of %s on %s is %f', (one, other, ratio) => {
    expect(Math.abs(contrast(one, other) - ratio)).toBeLessThan(0.01)
    expect(contrast(other, one)).toBe(contrast(one, other))
  })

  test('rests on a luminance in which green counts most and blue least', () => {
    expect(luminance([255, 0, 0])).toBeCloseTo(0.2126, 6)
    expect(luminance([0, 255, 0])).toBeCloseTo(0.7152, 6)
    expect(luminance([0, 0, 255])).toBeCloseTo(0.0722, 6)
    expect(luminance([0, 0, 0])).toBe(0)
    expect(luminance([255, 255, 255])).toBeCloseTo(1, 6)
  })
})
