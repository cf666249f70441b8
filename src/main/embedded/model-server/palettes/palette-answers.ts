import type { HexColor, PaletteColors } from '../../../../threads/protocol.ts'
import { adjust, distance, fromHex, toHex } from '../drawing/colour-space.ts'
import { DARK_WORDS, HUES, NEUTRALS, THEMES, TONES } from '../drawing/colour-words.ts'
import { motifsIn } from '../drawing/motif-catalogue.ts'
import { lookUp, tellingWords, wordsIn } from '../prompt-words.ts'
import { SeededRandom } from '../seeded-random.ts'
import { paletteColors, type Root } from './palette-colors.ts'
import { MOODS, paletteDescription, paletteName, type Mood } from './palette-names.ts'

/** A palette as a chat answer holds it; the colours are primary, secondary, accent, background, highlight. */
export type SuggestedPalette = {
  readonly name: string
  readonly description: string
  readonly colors: PaletteColors
}

export const DEFAULT_PALETTES = 7
export const MAX_PALETTES = 15

/** Colours that are no farther apart than this in OKLab look alike. */
const TOO_ALIKE = 0.07

/**
 * Palettes for a request in plain words. Read from it: the number before `palettes` (7 where there is none, at
 * most 15), the words after `Theme:` and `Logo:` (all words where neither is there), and colours as `#RRGGBB`.
 */
export function suggestPalettes(request: string, seed: number): SuggestedPalette[] {
  const { theme, logo } = partsOf(request)
  const words = [...theme, ...logo]
  const random = new SeededRandom(`${tellingWords(words).join(' ')}#${seed}`)
  const moods = moodsFor(theme.length > 0 ? theme : logo, random)
  const roots = rootsFor(theme, logo, swatchesIn(request), random)
  const palettes: SuggestedPalette[] = []
  for (let i = 0; palettes.length < countIn(request); i++) {
    const wanted = moods[i % moods.length]!
    const { mood, colors } = freshColors(
      roots[i % roots.length]!,
      wanted,
      palettes,
      i < roots.length ? 0 : 18 * random.pick([-1, 1]),
    )
    const name = paletteName(colors[0], mood, new Set(palettes.map((palette) => palette.name)), random)
    palettes.push({ name, description: paletteDescription(colors), colors })
  }
  return palettes
}

function countIn(request: string): number {
  const [, digits] = /(\d+)\s+(?:colou?r\s+)?palettes/i.exec(request) ?? []
  return digits === undefined ? DEFAULT_PALETTES : Math.min(MAX_PALETTES, Math.max(1, Number(digits)))
}

function partsOf(request: string): { theme: string[]; logo: string[] } {
  const labelled = (label: RegExp) => wordsIn(label.exec(request)?.[1] ?? '')
  const theme = labelled(/^\W*theme[^:\n]*:([^\n]*)/im)
  const logo = labelled(/^\W*logo[^:\n]*:([^\n]*)/im)
  return theme.length > 0 || logo.length > 0 ? { theme, logo } : { theme: wordsIn(request), logo: [] }
}

const swatchesIn = (request: string): HexColor[] =>
  [...new Set(request.match(/#[0-9a-f]{6}\b/gi) ?? [])].map((color) => color.toUpperCase() as HexColor)

/** Moods in the order of use: those that the words ask for come again and again. */
function moodsFor(words: readonly string[], random: SeededRandom): Mood[] {
  const asked: Mood[] = lookUp(words, TONES).flatMap(({ found }): Mood[] => {
    switch (found) {
      case 'pastel':
        return ['soft']
      case 'neon':
        return ['night', 'vivid']
      case 'muted':
        return ['earthy']
      case 'vivid':
        return ['vivid']
      case 'mono':
        return ['ink']
      case 'plain':
        return []
    }
  })
  if (words.some((word) => DARK_WORDS.has(word))) asked.unshift('night')
  const others = random.shuffled<Mood>(['night', 'soft', 'deep', 'vivid', 'earthy', 'ink'])
  const [first] = asked
  return first
    ? [first, 'clear', ...asked, ...others.flatMap((mood) => [mood, first])]
    : ['clear', ...others, 'clear', 'deep']
}

/** Colours to build on: named ones, the themes', the subject's, the picture's, and harmonies around the first. */
function rootsFor(
  theme: readonly string[],
  logo: readonly string[],
  swatches: readonly HexColor[],
  random: SeededRandom,
): Root[] {
  const words = [...theme, ...logo]
  const named = [...new Set(lookUp(words, HUES).map(({ found }) => found))]
  const neutral = lookUp(words, NEUTRALS).length > 0 && named.length === 0
  const themes = [...new Set(lookUp(words, THEMES).map(({ found }) => found))]
  const motif = motifsIn({ subject: logo, theme }, 1)[0]
  const strong = swatches.toSorted((one, two) => fromHex(two).c - fromHex(one).c)
  const roots: Root[] = []
  if (named[0]) {
    const black = lookUp(words, NEUTRALS).some(({ word }) => word === 'black')
    if (black)
      roots.push(['#1B1C20', named[0], adjust(named[0], ({ l, c }) => ({ l: l + 0.14, c: c * 0.8 }))])
    roots.push(completed(named, random))
  }
  roots.push(...themes)
  if (neutral) roots.push(['#23262B', '#7C828B', '#B3B8C0'])
  if (motif && themes.length === 0) roots.push(motif.colors)
  if (strong[0] && fromHex(strong[0]).c > 0.04) roots.push(completed(strong.slice(0, 3), random))
  if (motif && themes.length > 0) roots.push(motif.colors)
  const [main, second, accent] =
    roots[0] ?? completed([adjust('#2463D8', () => ({ h: random.between(0, 360) }))], random)
  const turned = (color: HexColor, by: number) => adjust(color, ({ h }) => ({ h: h + by }))
  const harmonies: Root[] = [
    [main, turned(main, 30), accent],
    [second, main, turned(main, 180)],
    [main, turned(main, 150), turned(main, 210)],
    [turned(main, -35), main, turned(second, 60)],
    [accent, main, second],
    [turned(main, 120), turned(main, 240), main],
  ]
  return [...roots, ...random.shuffled(harmonies)]
}

/** Three colours from one or more: neighbours and the complement of the first fill up. */
function completed([first, second, third]: readonly HexColor[], random: SeededRandom): Root {
  const base = first ?? '#2463D8'
  const aside = random.pick([-32, 32])
  return [
    base,
    second ?? adjust(base, ({ l, h }) => ({ l: l > 0.6 ? l - 0.18 : l + 0.16, h: h + aside })),
    third ?? adjust(base, ({ h }) => ({ l: 0.78, c: 0.14, h: h + 175 })),
  ]
}

/**
 * Colours that are unlike all others so far. First the hues are turned; where that does not help, as with greys,
 * the mood changes, and at last a coloured accent is added.
 */
function freshColors(
  root: Root,
  wanted: Mood,
  others: readonly SuggestedPalette[],
  turn: number,
): { readonly mood: Mood; readonly colors: PaletteColors } {
  for (const mood of [wanted, ...MOODS]) {
    for (let step = 0; step < 8; step++) {
      const colors = paletteColors(root, mood, turn + 22 * step)
      if (isFresh(colors, others)) return { mood, colors }
    }
  }
  const [one, two] = root
  const accented = (hue: number) => paletteColors([one, two, toHex({ l: 0.7, c: 0.15, h: hue })], wanted, 0)
  const hues = Array.from({ length: 16 }, (_, i) => (47 * i) % 360)
  const hue = hues.find((candidate) => isFresh(accented(candidate), others)) ?? 0
  return { mood: wanted, colors: accented(hue) }
}

/** Two palettes look the same when their primary colours, accents and backgrounds do. */
const isFresh = (colors: PaletteColors, others: readonly SuggestedPalette[]): boolean =>
  others.every(({ colors: other }) =>
    ROLES_THAT_TELL.some((role) => distance(colors[role], other[role]) > TOO_ALIKE),
  )

/** Primary, accent, background. */
const ROLES_THAT_TELL = [0, 2, 3] as const
