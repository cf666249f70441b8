import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  labDistance,
  labOfLinear,
  labOfRgb,
  linearOfLab,
  rgbOfLab,
} from '../../../src/threads/colour/oklab.ts'
import { lchOfLab, rgbOfLch } from '../../../src/threads/colour/oklch.ts'
import { byteOfLinear, hexOfRgb, linearOfByte, rgbOfHex } from '../../../src/threads/colour/srgb.ts'

/** Linear sRGB of a CIE XYZ colour (D65), IEC 61966-2-1. */
function linearOfXyz(x: number, y: number, z: number): [number, number, number] {
  return [
    3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
    -0.969266 * x + 1.8760108 * y + 0.041556 * z,
    0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
  ]
}

// The table of test values that Ottosson published with the space.
test.each([
  { xyz: [0.95, 1, 1.089], lab: [1, 0, 0] },
  { xyz: [1, 0, 0], lab: [0.45, 1.236, -0.019] },
  { xyz: [0, 1, 0], lab: [0.922, -0.671, 0.263] },
  { xyz: [0, 0, 1], lab: [0.153, -1.415, -0.449] },
] as const)('XYZ $xyz is OKLab $lab', ({ xyz, lab }) => {
  const [x, y, z] = xyz
  const actual = labOfLinear(...linearOfXyz(x, y, z))
  for (const [part, value] of lab.entries()) expect(Math.abs(actual[part]! - value)).toBeLessThan(0.0015)
})

// The examples of CSS Color Module Level 4, which names them in OKLab, in OKLCH and in sRGB.
test.each([
  { rgb: [125, 35, 41], lab: [0.40101, 0.1147, 0.0453], lch: [0.40101, 0.12332, 21.555] },
  { rgb: [198, 93, 6], lab: [0.59686, 0.1009, 0.1192], lch: [0.59686, 0.15619, 49.7694] },
  { rgb: [157, 147, 24], lab: [0.65125, -0.032, 0.1274], lch: [0.65125, 0.13138, 104.097] },
  { rgb: [104, 166, 57], lab: [0.66016, -0.1084, 0.1114], lch: [0.66016, 0.15546, 134.231] },
  { rgb: [98, 172, 239], lab: [0.72322, -0.0465, -0.115], lch: [0.72322, 0.12403, 247.996] },
] as const)('sRGB $rgb is OKLab $lab and OKLCH $lch, as CSS has it', ({ rgb, lab, lch }) => {
  const [red, green, blue] = rgb
  const actual = labOfRgb(red, green, blue)
  for (const [part, value] of lab.entries()) expect(Math.abs(actual[part]! - value)).toBeLessThan(0.002)
  const polar = lchOfLab(actual)
  expect(Math.abs(polar.lightness - lch[0])).toBeLessThan(0.002)
  expect(Math.abs(polar.chroma - lch[1])).toBeLessThan(0.002)
  expect(Math.abs(polar.hue - lch[2])).toBeLessThan(0.7)
  const [lightness, chroma, hue] = lch
  for (const back of [rgbOfLab([lab[0], lab[1], lab[2]]), rgbOfLch({ lightness, chroma, hue })]) {
    for (const [part, value] of rgb.entries()) expect(Math.abs(back[part]! - value)).toBeLessThanOrEqual(1)
  }
})

const byte = fc.integer({ min: 0, max: 255 })

test('every 8-bit colour comes back from OKLab as it was', () => {
  fc.assert(
    fc.property(byte, byte, byte, (red, green, blue) => {
      expect(rgbOfLab(labOfRgb(red, green, blue))).toEqual([red, green, blue])
    }),
    { numRuns: 2000 },
  )
})

test('every byte comes back from linear light as it was', () => {
  for (let value = 0; value < 256; value++) expect(byteOfLinear(linearOfByte[value]!)).toBe(value)
})

test('light outside the range of the screen is clipped', () => {
  expect(byteOfLinear(-0.1)).toBe(0)
  expect(byteOfLinear(1.1)).toBe(255)
})

test('black and white are one apart, and greys have no colour', () => {
  expect(labDistance(labOfRgb(0, 0, 0), labOfRgb(255, 255, 255))).toBeCloseTo(1, 4)
  for (let value = 0; value < 256; value++) {
    expect(lchOfLab(labOfRgb(value, value, value)).chroma).toBeLessThan(0.0001)
  }
})

test('a colour beyond the screen keeps its lightness and loses chroma only', () => {
  const rgb = rgbOfLch({ lightness: 0.7, chroma: 0.5, hue: 150 })
  const actual = lchOfLab(labOfRgb(...rgb))
  expect(Math.abs(actual.lightness - 0.7)).toBeLessThan(0.01)
  expect(Math.abs(actual.hue - 150)).toBeLessThan(2)
  expect(actual.chroma).toBeGreaterThan(0.1)
})

test('linear light and OKLab are inverse to each other', () => {
  const [red, green, blue] = linearOfLab(...labOfLinear(0.2, 0.5, 0.8))
  expect(red).toBeCloseTo(0.2, 5)
  expect(green).toBeCloseTo(0.5, 5)
  expect(blue).toBeCloseTo(0.8, 5)
})

test('hex colours are read in either case and written in upper case', () => {
  expect(rgbOfHex('#0b3C5d')).toEqual([11, 60, 93])
  expect(hexOfRgb([11, 60, 93])).toBe('#0B3C5D')
  for (const wrong of ['0B3C5D', '#0B3', '#0B3C5DFF', '#GGGGGG', ''])
    expect(() => rgbOfHex(wrong)).toThrow(RangeError)
})
