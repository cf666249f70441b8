import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Coverage } from '../../../src/threads/pages/coverage.ts'

type Corner = readonly [x: number, y: number]

const SIDE = 20

function polygon(coverage: Coverage, corners: readonly Corner[]): void {
  const [first, ...others] = corners.map(([x, y]) => ({ x, y }))
  coverage.add(
    [{ type: 'M', ...first! }, ...others.map((corner) => ({ type: 'L', ...corner }) as const), { type: 'Z' }],
    0,
    0,
  )
}

const sumOf = (coverage: Coverage) => coverage.shares().reduce((sum, share) => sum + share, 0)

test('a box between pixels covers each of them by its share', () => {
  const coverage = new Coverage(3, 2)
  polygon(coverage, [
    [0.5, 0.5],
    [2.25, 0.5],
    [2.25, 2],
    [0.5, 2],
  ])
  const shares = [...coverage.shares()]
  expect(shares).toEqual([0.25, 0.5, 0.125, 0.5, 1, 0.25])
})

test('a triangle of any form covers its area, whichever way round it is drawn', () => {
  const corner = fc.tuple(
    fc.double({ min: 0, max: SIDE, noNaN: true }),
    fc.double({ min: 0, max: SIDE, noNaN: true }),
  )
  fc.assert(
    fc.property(corner, corner, corner, (a, b, c) => {
      const coverage = new Coverage(SIDE, SIDE)
      polygon(coverage, [a, b, c])
      const area = Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2
      expect(sumOf(coverage)).toBeCloseTo(area, 2)
    }),
  )
})

test('an outline within another that runs the other way is a hole', () => {
  const coverage = new Coverage(SIDE, SIDE)
  const box = (from: number, to: number): Corner[] => [
    [from, from],
    [to, from],
    [to, to],
    [from, to],
  ]
  polygon(coverage, box(1, 11))
  polygon(coverage, box(3.5, 6.5).toReversed())
  expect(sumOf(coverage)).toBeCloseTo(100 - 9, 4)
})

test('curves cover what they enclose', () => {
  const coverage = new Coverage(SIDE, SIDE)
  const [r, k] = [8, 8 * 0.5523]
  coverage.add(
    [
      { type: 'M', x: r, y: 0 },
      { type: 'C', x1: r, y1: k, x2: k, y2: r, x: 0, y: r },
      { type: 'C', x1: -k, y1: r, x2: -r, y2: k, x: -r, y: 0 },
      { type: 'C', x1: -r, y1: -k, x2: -k, y2: -r, x: 0, y: -r },
      { type: 'C', x1: k, y1: -r, x2: r, y2: -k, x: r, y: 0 },
      { type: 'Z' },
    ],
    10,
    10,
  )
  expect(Math.abs(sumOf(coverage) - Math.PI * r * r)).toBeLessThan(3)
})

test('what lies outside of it is cut off', () => {
  const coverage = new Coverage(4, 4)
  polygon(coverage, [
    [-10, -10],
    [2, -10],
    [2, 30],
    [-10, 30],
  ])
  expect([...coverage.shares()]).toEqual(Array.from({ length: 4 }, () => [1, 1, 0, 0]).flat())
})
