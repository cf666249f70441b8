import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisTicks } from '../../../src/main/report/time-axis.ts'

const labels = (spanMs: number) => axisTicks(spanMs).map(({ label }) => label)

describe('the ticks of a time axis', () => {
  it.each([
    { spanMs: 6, expected: ['0', '1 ms', '2 ms', '3 ms', '4 ms', '5 ms', '6 ms'] },
    { spanMs: 640, expected: ['0', '100 ms', '200 ms', '300 ms', '400 ms', '500 ms', '600 ms'] },
    { spanMs: 1_100, expected: ['0', '0.2 s', '0.4 s', '0.6 s', '0.8 s', '1.0 s'] },
    { spanMs: 6_731, expected: ['0', '1 s', '2 s', '3 s', '4 s', '5 s', '6 s'] },
    { spanMs: 130_000, expected: ['0', '30 s', '60 s', '90 s', '120 s'] },
    { spanMs: 25 * 60_000, expected: ['0', '5 min', '10 min', '15 min', '20 min', '25 min'] },
    { spanMs: 11 * 3_600_000, expected: ['0', '2 h', '4 h', '6 h', '8 h', '10 h'] },
  ])('over $spanMs ms are easy to count in', ({ spanMs, expected }) => {
    expect(labels(spanMs)).toEqual(expected)
  })

  it('are two to nine, evenly apart, within the span, whatever its length', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (spanMs) => {
        const ticks = axisTicks(spanMs)
        expect(ticks.length).toBeGreaterThanOrEqual(2)
        expect(ticks.length).toBeLessThanOrEqual(9)
        expect(ticks.at(-1)!.atMs).toBeLessThanOrEqual(spanMs)
        expect(new Set(ticks.slice(1).map(({ atMs }, index) => atMs - ticks[index]!.atMs)).size).toBe(1)
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length)
      }),
    )
  })
})
