import { describe, expect, it } from 'vitest'
import { formatDuration } from '../../../src/main/report/duration.ts'

describe('a length of time', () => {
  it.each([
    [0, '0.0 ms'],
    [4.23, '4.2 ms'],
    [9.97, '10 ms'],
    [812.4, '812 ms'],
    [999.4, '999 ms'],
    [999.7, '1.0 s'],
    [3_449, '3.4 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [3_599_700, '1 h'],
    [3_780_000, '1 h 3 min'],
  ])('of %d ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})
