import type { HexColor } from '../../../../threads/protocol.ts'
import { fromHex, hueGap, type Oklch } from '../drawing/colour-space.ts'
import { HUES, NEUTRALS } from '../drawing/colour-words.ts'
import type { SeededRandom } from '../seeded-random.ts'

export const MOODS = ['clear', 'night', 'soft', 'deep', 'earthy', 'vivid', 'ink'] as const

/** The character of a palette. */
export type Mood = (typeof MOODS)[number]

const MOOD_WORDS: Readonly<Record<Mood, readonly string[]>> = {
  clear: ['Clear', 'Open', 'Daylight', 'Fresh', 'Crisp', 'First'],
  night: ['Midnight', 'Nocturne', 'After Dark', 'Moonlit', 'Late', 'Starlit'],
  soft: ['Soft', 'Powdered', 'Quiet', 'Misty', 'Gentle', 'Airy'],
  deep: ['Deep', 'Velvet', 'Grand', 'Rich', 'Old', 'Noble'],
  earthy: ['Weathered', 'Sun-Baked', 'Rustic', 'Wild', 'Harvest', 'Worn'],
  vivid: ['Electric', 'Bold', 'Bright', 'Loud', 'Neon', 'Festival'],
  ink: ['Inked', 'Pressed', 'Editorial', 'Etched', 'Tailored', 'Plain'],
}

/** Names of things that have a colour, for hues up to the given angle. */
const HUE_NOUNS: readonly (readonly [toHue: number, nouns: readonly string[]])[] = [
  [22, ['Rosewood', 'Raspberry', 'Ruby', 'Pomegranate', 'Cranberry']],
  [45, ['Ember', 'Brick', 'Paprika', 'Coral', 'Terracotta']],
  [70, ['Copper', 'Apricot', 'Marmalade', 'Clay', 'Tangerine']],
  [97, ['Honey', 'Amber', 'Saffron', 'Marigold', 'Wheat']],
  [122, ['Citron', 'Pear', 'Olive', 'Mimosa', 'Chartreuse']],
  [148, ['Fern', 'Moss', 'Basil', 'Clover', 'Meadow']],
  [172, ['Jade', 'Pine', 'Mint', 'Emerald', 'Eucalyptus']],
  [203, ['Lagoon', 'Teal', 'Verdigris', 'Seafoam', 'Spruce']],
  [235, ['Tide', 'Glacier', 'Harbour', 'Reef', 'Aqua']],
  [264, ['Cobalt', 'Azure', 'Denim', 'Atlantic', 'Sapphire']],
  [290, ['Indigo', 'Iris', 'Twilight', 'Ultramarine', 'Bluebell']],
  [322, ['Violet', 'Amethyst', 'Lavender', 'Orchid', 'Wisteria']],
  [361, ['Magenta', 'Plum', 'Peony', 'Fuchsia', 'Mulberry']],
]

const NEUTRAL_NOUNS = ['Graphite', 'Slate', 'Ash', 'Stone', 'Flint']

const named = (colors: ReadonlyMap<string, HexColor>, doubles: readonly string[]) =>
  [...colors].filter(([name]) => !doubles.includes(name)).map(([name, hex]) => [name, fromHex(hex)] as const)

const NAMED_HUES = named(HUES, ['golden', 'chocolate', 'sapphire'])
const NAMED_GREYS = named(NEUTRALS, ['gray', 'sand', 'beige', 'cream', 'ivory'])

/** A name that no palette of `taken` has, from the mood and the primary colour. */
export function paletteName(
  primary: HexColor,
  mood: Mood,
  taken: ReadonlySet<string>,
  random: SeededRandom,
): string {
  const { c, h } = fromHex(primary)
  const nouns = c < 0.025 ? NEUTRAL_NOUNS : (HUE_NOUNS.find(([toHue]) => h < toHue)?.[1] ?? NEUTRAL_NOUNS)
  const names = random.shuffled(MOOD_WORDS[mood].flatMap((word) => nouns.map((noun) => `${word} ${noun}`)))
  const isFresh = (name: string) =>
    ![...taken].some((other) => other.split(' ').at(-1) === name.split(' ').at(-1))
  return (
    names.find((name) => isFresh(name)) ??
    names.find((name) => !taken.has(name)) ??
    `${names[0]} ${taken.size + 1}`
  )
}

/** What a palette looks like, in a sentence: `Navy and teal with a touch of amber on a near-white ground.` */
export function paletteDescription(colors: readonly HexColor[]): string {
  const [primary, secondary, accent, background] = colors as [HexColor, HexColor, HexColor, HexColor]
  const names = [...new Set([primary, secondary, accent].map(colorName))]
  const [first, ...rest] = names
  const last = rest.pop()
  const ground = groundName(background)
  if (last === undefined) return sentence(`shades of ${first} on ${ground}`)
  return rest.length === 0
    ? sentence(`${first} with ${last} on ${ground}`)
    : sentence(`${first} and ${rest.join(' and ')} with a touch of ${last} on ${ground}`)
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** The nearest name, by hue above all, with a word for a lightness that the name does not suggest. */
function colorName(color: HexColor): string {
  const { l, c, h } = fromHex(color)
  const [name, named] = nearest(c < 0.03 ? NAMED_GREYS : NAMED_HUES, (other) => {
    const hue = c < 0.03 ? 0 : hueGap(h, other.h) / 45
    return hue + Math.abs(l - other.l) * 1.3 + Math.abs(c - other.c) * 1.5
  })
  if (l < named.l - 0.13) return `dark ${name}`
  return l > named.l + 0.13 ? `pale ${name}` : name
}

function nearest(
  names: readonly (readonly [string, Oklch])[],
  cost: (color: Oklch) => number,
): readonly [string, Oklch] {
  return names.reduce((best, next) => (cost(next[1]) < cost(best[1]) ? next : best))
}

function groundName(background: HexColor): string {
  const { l, c, h } = fromHex(background)
  if (l < 0.4) return c < 0.02 ? 'near-black' : `a dark, ${h > 20 && h < 120 ? 'warm' : 'cool'} ground`
  if (c < 0.006) return 'white'
  return h > 20 && h < 120 ? 'a warm near-white' : 'a cool near-white'
}
