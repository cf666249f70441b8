import { expect, test } from 'vitest'
import { lightnessOf, writeLab } from '../../../src/threads/colour/lab-table.ts'
import { labOfRgb } from '../../../src/threads/colour/oklab.ts'

/** The largest difference of any part from the exact values, over colours whose largest part lies in a range. */
function largestError(bytes: readonly number[], atLeast: number, atMost: number): number {
  const lab = new Float64Array(3)
  let largest = 0
  for (const red of bytes) {
    for (const green of bytes) {
      for (const blue of bytes) {
        const brightest = Math.max(red, green, blue)
        if (brightest < atLeast || brightest > atMost) continue
        writeLab(lab, 0, red, green, blue)
        const exact = labOfRgb(red, green, blue)
        for (let part = 0; part < 3; part++) largest = Math.max(largest, Math.abs(lab[part]! - exact[part]!))
      }
    }
  }
  return largest
}

const range = (first: number, last: number, step: number) =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step)

test('the tables give OKLab to within 0.002, over a grid of all colours that have a part of 50 or more', () => {
  expect(largestError(range(0, 255, 3), 50, 255)).toBeLessThan(0.002)
})

test('and to within 0.001 where a part is 100 or more', () => {
  expect(largestError(range(0, 255, 3), 100, 255)).toBeLessThan(0.001)
})

// The cube root is so steep near black that one step of the table shows: 0.02 is what an eye just notices.
test('of darker colours they give it to less than can be seen, but for those that are black to the eye', () => {
  expect(largestError(range(0, 49, 1), 2, 49)).toBeLessThan(0.02)
  expect(largestError(range(0, 1, 1), 0, 1)).toBeLessThan(0.07)
})

test('black has no lightness, white has all of it, and greys have no colour', () => {
  const lab = new Float64Array(3)
  for (const value of range(0, 255, 1)) {
    writeLab(lab, 0, value, value, value)
    expect(Math.hypot(lab[1]!, lab[2]!)).toBeLessThan(0.002)
  }
  expect(lightnessOf(0, 0, 0)).toBe(0)
  expect(lightnessOf(255, 255, 255)).toBeCloseTo(1, 4)
})

test('the lightness alone is the one of the whole colour', () => {
  const lab = new Float64Array(3)
  for (const red of range(0, 255, 17)) {
    for (const green of range(0, 255, 17)) {
      for (const blue of range(0, 255, 17)) {
        writeLab(lab, 0, red, green, blue)
        expect(lightnessOf(red, green, blue)).toBe(lab[0])
      }
    }
  }
})

test('a colour is written to its own three places', () => {
  const labs = new Float32Array(9).fill(7)
  writeLab(labs, 3, 200, 30, 40)
  expect([...labs.subarray(0, 3), ...labs.subarray(6)]).toEqual([7, 7, 7, 7, 7, 7])
  for (const [part, value] of labOfRgb(200, 30, 40).entries()) {
    expect(Math.abs(labs[3 + part]! - value)).toBeLessThan(0.002)
  }
})
