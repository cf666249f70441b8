import { array, assert, constantFrom, integer, nat, property } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contrast, distance } from '../../../../src/main/embedded/model-server/drawing/colour-space.ts'
import {
  suggestPalettes,
  type SuggestedPalette,
} from '../../../../src/main/embedded/model-server/palettes/palette-answers.ts'
import { startModelServer, type ModelServer } from '../../../../src/main/embedded/model-server/server.ts'
import { ModelClient } from './model-client.ts'

let server: ModelServer
let client: ModelClient

beforeAll(async () => {
  server = await startModelServer()
  client = new ModelClient(server.url)
})

afterAll(() => server.stop())

const request = (count: number | string, theme: string, logo = 'a fox') =>
  `Design ${count} palettes, each clearly different from the others.\nTheme: ${theme}\nLogo: ${logo}\n` +
  'Colours in the logo now: Vibrant #D96C2F (20 %), Muted #6A7F8E (12 %)'

/** What is wrong with an answer: palettes that are not whole, colours too alike, a ground that does not stand back. */
function flawsOf(palettes: readonly SuggestedPalette[], count: number): string[] {
  const flaws: string[] = []
  const check = (holds: boolean, flaw: string) => {
    if (!holds) flaws.push(flaw)
  }
  check(palettes.length === count, 'another number')
  check(new Set(palettes.map(({ name }) => name)).size === count, 'a name comes twice')
  check(new Set(palettes.map(({ colors }) => colors.join())).size === count, 'a palette comes twice')
  for (const { name, description, colors } of palettes) {
    check(name.length > 0 && description.length > 10, `${name}: no name or description`)
    check(colors.length === 5, `${name}: not five colours`)
    check(
      colors.every((color) => /^#[0-9A-F]{6}$/.test(color)),
      `${name}: not #RRGGBB`,
    )
    for (const [i, color] of colors.entries()) {
      for (const other of colors.slice(i + 1))
        check(distance(color, other) > 0.05, `${name}: ${color} is like ${other}`)
    }
    const [primary, , , background] = colors
    check(contrast(primary, background) >= 3, `${name}: ${primary} cannot be read on ${background}`)
    const extreme = Math.max(contrast(background, '#FFFFFF'), contrast(background, '#000000'))
    check(extreme > 15, `${name}: the background ${background} is neither light nor dark`)
  }
  return flaws
}

describe('palettes from a chat', () => {
  test('come as JSON in the number that is asked for', async () => {
    const { palettes } = JSON.parse(await client.chat(request(9, 'ocean'))) as {
      palettes: SuggestedPalette[]
    }
    expect(flawsOf(palettes, 9)).toEqual([])
  })

  test.each([
    ['Give me some palettes', 7],
    ['I want 3 colour palettes', 3],
    ['12 color palettes', 12],
    ['1000 palettes', 15],
    ['0 palettes', 1],
  ])('are counted from the words: %s', (words, count) => {
    expect(suggestPalettes(words, 1)).toHaveLength(count)
  })

  test('are the same for the same words and seed, and others for another seed', async () => {
    const [one, same, other] = await Promise.all([
      client.chat(request(7, 'forest'), 4),
      client.chat(request(7, 'forest'), 4),
      client.chat(request(7, 'forest'), 5),
    ])
    expect(same).toBe(one)
    expect(other).not.toBe(one)
  })

  test('follow the theme', () => {
    const hues = (theme: string) => suggestPalettes(request(7, theme), 1).map(({ colors }) => colors[0])
    expect(distance(hues('ocean')[0]!, hues('fire')[0]!)).toBeGreaterThan(0.15)
    const [dark] = suggestPalettes(request(7, 'dark neon'), 1)
    expect(contrast(dark!.colors[3], '#FFFFFF')).toBeGreaterThan(10)
    const grey = suggestPalettes(request(1, 'black and white'), 1)[0]!.colors[0]
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(grey.slice(at, at + 2), 16)) as [
      number,
      number,
      number,
    ]
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(16)
  })

  test('are whole whatever the words are', () => {
    const words = constantFrom(
      ...'ocean forest retro luxury pastel neon dark black white gold red teal yellow lime coffee zen candy #FFFFFF #000000 #808080 7 Zephyr'.split(
        ' ',
      ),
    )
    // fast-check throws with the smallest failing request.
    const whole = () =>
      assert(
        property(
          array(words, { maxLength: 5 }),
          nat(),
          integer({ min: 1, max: 15 }),
          (theme, seed, count) => {
            const asked = `${count} palettes\nTheme: ${theme.join(' ')}\nLogo: it`
            const flaws = flawsOf(suggestPalettes(asked, seed), count)
            if (flaws.length > 0) throw new Error(`${asked}, seed ${seed}: ${flaws.join('; ')}`)
          },
        ),
        { numRuns: 150, seed: 11 },
      )
    expect(whole).not.toThrow()
  })
})
