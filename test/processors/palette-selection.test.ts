import { describe, expect, it } from 'vitest'
import { filledUp, wholePalettes } from '../../src/processors/palette-selection.ts'
import type { HexColor, Palette } from '../../src/threads/protocol.ts'

const colorsFrom = (first: number) =>
  Array.from({ length: 5 }, (_, i): HexColor => `#${(first + i).toString(16).padStart(6, '0').toUpperCase()}`)

const derived = Array.from({ length: 15 }, (_, i): Palette => {
  const [a, b, c, d, e] = colorsFrom(0x100 * (i + 1)) as [HexColor, HexColor, HexColor, HexColor, HexColor]
  return { name: `Derived ${i}`, description: '', colors: [a, b, c, d, e], derived: true }
})

/** The palettes of a task from a model's answer. */
const selectPalettes = (suggested: readonly unknown[], spare: readonly Palette[], count: number) =>
  filledUp(wholePalettes(suggested, count), spare, count)

const suggestion = (first: number) => ({ name: 'Model', description: 'd', colors: colorsFrom(first) })

describe('the palettes of a task', () => {
  it('are those of the model when it delivers enough, and no more than asked for', () => {
    const palettes = selectPalettes([suggestion(1), suggestion(2), suggestion(3)], derived, 2)
    expect(palettes).toHaveLength(2)
    expect(palettes.every((palette) => !palette.derived)).toBe(true)
  })

  it.each([
    ['a colour that is none', { ...suggestion(1), colors: ['#12345G', ...colorsFrom(2).slice(1)] }],
    ['too few colours', { ...suggestion(1), colors: colorsFrom(1).slice(1) }],
    ['too many colours', { ...suggestion(1), colors: [...colorsFrom(1), '#ABCDEF'] }],
    ['a colour twice', { ...suggestion(1), colors: ['#000001', ...colorsFrom(1).slice(0, 4)] }],
    ['no name', { ...suggestion(1), name: '  ' }],
    ['nothing of a palette', 42],
    ['null', null],
  ])('drop one with %s and put a derived one in its place', (_, bad) => {
    const palettes = selectPalettes([bad, suggestion(9)], derived, 2)
    expect(palettes.map((palette) => palette.derived)).toEqual([false, true])
  })

  it('are looked for at the beginning of an answer that never ends', () => {
    const nothing = Array.from({ length: 1_000 }, () => ({}))
    const palettes = selectPalettes(
      [suggestion(1), ...nothing.slice(0, 100), suggestion(2), ...nothing],
      derived,
      3,
    )
    expect(palettes.map((palette) => palette.derived)).toEqual([false, false, true])
    expect(selectPalettes([...nothing, suggestion(1)], derived, 1)[0]?.derived).toBe(true)
  })

  it('hold each palette once', () => {
    const palettes = selectPalettes([suggestion(1), suggestion(1)], derived, 3)
    expect(palettes.map((palette) => palette.derived)).toEqual([false, true, true])
  })

  it('read colours without a hash, in lower case, and in three digits', () => {
    const colors = ['abc', '#0b3c5d', '328CC1', ' #D9B310 ', '#fff']
    expect(selectPalettes([{ name: 'n', colors }], derived, 1)[0]?.colors).toEqual([
      '#AABBCC',
      '#0B3C5D',
      '#328CC1',
      '#D9B310',
      '#FFFFFF',
    ])
  })

  it('hold text that Postgres can store', () => {
    const [palette] = selectPalettes(
      [{ ...suggestion(1), name: 'a\0b\ud800', description: 'x'.repeat(900) }],
      [],
      1,
    )
    expect(palette?.name).toBe('ab\ufffd')
    expect(palette?.description).toHaveLength(500)
  })
})
