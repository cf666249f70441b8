import type { HexColor } from '../../../../threads/protocol.ts'
import { formsOf, lookUp } from '../prompt-words.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { adjust, distance, fromHex, hueGap, toHex, type Oklch } from './colour-space.ts'
import { DARK_WORDS, HUES, NEUTRALS, THEMES, TONES, type ThemeColors, type Tone } from './colour-words.ts'
import type { Inks } from './pen.ts'

/** The colours of one picture. */
export type Scheme = {
  readonly tone: Tone
  /** True when the background is dark. */
  readonly dark: boolean
  /** The background. */
  readonly canvas: HexColor
  readonly main: HexColor
  readonly second: HexColor
  readonly accent: HexColor
}

/** A prompt that names one of these and no hue wants a picture without colours. */
const MONO_WORDS = new Set(['black', 'grey', 'gray', 'charcoal', 'graphite', 'silver'])

const WHITE: HexColor = '#FFFFFF'

/** Distances in OKLab that keep a figure clear of its ground, and its parts clear of each other. */
const BODY_DISTANCE = 0.22
const PART_DISTANCE = 0.13

/**
 * Colours for the words of a prompt: colours that it names come first, then those of its theme, then those that
 * the subject has by nature, and where there is none of these, a harmony around a hue of chance.
 */
export function schemeFor(
  words: readonly string[],
  natural: ThemeColors | null,
  random: SeededRandom,
): Scheme {
  const named = [...new Set(lookUp(words, HUES).map(({ found }) => found))]
  const neutral = lookUp(words, NEUTRALS).map(({ word }) => word)
  const themed = lookUp(words, THEMES)[0]?.found
  const colourless = named.length === 0 && neutral.some((word) => MONO_WORDS.has(word))
  const tone = colourless ? 'mono' : (lookUp(words, TONES)[0]?.found ?? 'plain')
  const dark =
    words.some((word) => formsOf(word).some((form) => DARK_WORDS.has(form))) ||
    /\b(?:on|over) (?:a )?(?:black|charcoal|navy)\b|\b(?:black|charcoal|navy) background\b/.test(
      words.join(' '),
    )

  const base = tone === 'mono' ? GREYS : (themed ?? natural ?? harmony(random))
  const [main, second, accent] = withNamed(base, named, themed !== undefined, random).map((color) =>
    toned(color, tone),
  )
  return {
    tone,
    dark,
    canvas: canvasFor(main!, tone, dark, neutral, random),
    main: main!,
    second: neutral.includes('black') && tone !== 'mono' && !dark ? '#1E2026' : second!,
    accent: accent!,
  }
}

const GREYS: ThemeColors = ['#23262B', '#7C828B', '#B3B8C0']

/** Three hues that go together: neighbours, a split complement, a triad or a complement. */
function harmony(random: SeededRandom): ThemeColors {
  const h = random.between(0, 360)
  const [toSecond, toAccent] = random.pick([
    [34, 180],
    [-34, 176],
    [150, 205],
    [120, 240],
    [24, -44],
    [60, 195],
  ] as const)
  const at = (hue: number, l: number, c: number) => toHex({ l: l + yellowLift(hue), c, h: (hue + 360) % 360 })
  return [at(h, 0.55, 0.19), at(h + toSecond, 0.66, 0.14), at(h + toAccent, 0.77, 0.155)]
}

/** Yellows look muddy when they are as dark as other hues. */
const yellowLift = (hue: number) => 0.16 * Math.max(0, 1 - Math.abs((((hue % 360) + 360) % 360) - 95) / 55)

/** The named colours in the place of the first ones of the base; what is missing goes with the first named one. */
function withNamed(
  base: ThemeColors,
  named: readonly HexColor[],
  themed: boolean,
  random: SeededRandom,
): HexColor[] {
  const [first, next, third] = named
  // The same subject shall not look the same each time: its colours wander a little.
  const drift = random.between(-13, 13)
  if (!first) return base.map((color) => adjust(color, ({ h }) => ({ h: h + drift })))
  const second =
    next ??
    adjust(first, ({ l, c, h }) => ({ l: l > 0.6 ? l - 0.2 : l + 0.18, c: c * 0.8, h: h + 1.8 * drift }))
  if (third) return [first, second, third]
  if (next) return [first, second, adjust(next, ({ c }) => ({ l: 0.84, c: c * 0.6 }))]
  return [first, second, themed ? base[2] : adjust(first, ({ h }) => ({ l: 0.79, c: 0.14, h: h + 172 }))]
}

function toned(color: HexColor, tone: Tone): HexColor {
  return adjust(color, ({ l, c }): Partial<Oklch> => {
    switch (tone) {
      case 'plain':
        return {}
      case 'pastel':
        return { l: 0.6 + l * 0.28, c: Math.min(c, 0.1) }
      case 'neon':
        return { l: Math.max(l, 0.66), c: 0.26 }
      case 'muted':
        return { c: c * 0.68, l: l * 0.94 + 0.02 }
      case 'vivid':
        return { c: c * 1.2 + 0.02 }
      case 'mono':
        return { c: Math.min(c, 0.012) }
    }
  })
}

function canvasFor(
  main: HexColor,
  tone: Tone,
  dark: boolean,
  neutral: string[],
  random: SeededRandom,
): HexColor {
  const { h } = fromHex(main)
  const c = tone === 'mono' ? 0.004 : 1
  if (dark) return toHex({ l: 0.19, c: 0.03 * c, h })
  const warm = neutral.find((word) => ['cream', 'ivory', 'beige', 'sand'].includes(word))
  if (warm) return adjust(NEUTRALS.get(warm) ?? WHITE, ({ l }) => ({ l: Math.max(l, 0.94) }))
  if (neutral.includes('white')) return WHITE
  return random.pick([
    WHITE,
    WHITE,
    toHex({ l: 0.982, c: 0.006 * c, h }),
    toHex({ l: 0.975, c: 0.012 * c, h: 85 }),
    toHex({ l: 0.965, c: 0.014 * c, h }),
  ])
}

/** A pale tint of a colour, to fill a container with. */
export const tintOf = (color: HexColor): HexColor =>
  adjust(color, ({ c }) => ({ l: 0.925, c: Math.min(c, 0.045) }))

/** A deep shade of a colour, to fill a container with. Yellow and orange, which would turn brown, become navy. */
export const nightOf = (color: HexColor): HexColor =>
  adjust(color, ({ c, h }) => ({ l: 0.29, c: Math.min(c, 0.075), h: hueGap(h, 75) < 45 ? 258 : h }))

/** The inks for a motif that lies on `ground`: each is moved in lightness until it stands out from it. */
export function inksOn(ground: HexColor, scheme: Scheme): Inks {
  const { l: groundL, h: groundH } = fromHex(ground)
  const pale = groundL > 0.86
  const deep = groundL < 0.4
  const solid = !pale && !deep
  const body = solid
    ? toHex({ l: 0.985, c: 0.012, h: groundH })
    : apart(scheme.main, [ground], deep ? 0.34 : BODY_DISTANCE)
  const shade = solid
    ? adjust(ground, ({ c }) => ({ l: 0.87, c: Math.min(c, 0.06) }))
    : apart(
        adjust(body, ({ l }) => ({ l: l - (l > 0.8 ? 0.13 : 0.1) })),
        [ground],
        0.16,
      )
  const second = apart(scheme.second, [ground, body], PART_DISTANCE)
  const accent = apart(scheme.accent, [ground, body], PART_DISTANCE)
  const { c, h } = fromHex(scheme.main)
  const light =
    pale && groundL > 0.955 ? toHex({ l: 0.945, c: Math.min(c, 0.035), h }) : toHex({ l: 0.985, c: 0.008, h })
  return {
    body,
    shade,
    second,
    accent,
    light: solid ? adjust(ground, () => ({ l: groundL > 0.7 ? 0.5 : groundL })) : light,
    line: toHex({ l: deep ? 0.2 : 0.27, c: Math.min(c, 0.05), h }),
    ground,
  }
}

/** The colour made lighter or darker, whichever is the shorter way, until it is clear of all the others. */
export function apart(color: HexColor, others: readonly HexColor[], clear: number): HexColor {
  const start = fromHex(color)
  for (let step = 0; step <= 0.8; step += 0.02) {
    for (const sign of [1, -1]) {
      const l = start.l + step * sign
      if (l < 0.16 || l > 0.975) continue
      const candidate = step === 0 ? color : toHex({ ...start, l })
      if (others.every((other) => distance(candidate, other) >= clear)) return candidate
    }
  }
  return color
}
