import type { HexColor, PaletteColors } from '../../../../threads/protocol.ts'
import { adjust, contrast, distance, fromHex, hueGap, toHex, type Oklch } from '../drawing/colour-space.ts'
import type { Mood } from './palette-names.ts'

/** Three colours that a palette is built on. */
export type Root = readonly [HexColor, HexColor, HexColor]

/** Lightness and chroma of one role. Chroma is the root's own, times `strength`, kept within `chroma`. */
type Role = { readonly l: number; readonly strength: number; readonly chroma: readonly [number, number] }

type Recipe = Readonly<Record<'primary' | 'secondary' | 'accent' | 'background' | 'highlight', Role>>

const RECIPES: Readonly<Record<Mood, Recipe>> = {
  clear: {
    primary: { l: 0.46, strength: 1, chroma: [0.05, 0.2] },
    secondary: { l: 0.6, strength: 1, chroma: [0.05, 0.17] },
    accent: { l: 0.74, strength: 1, chroma: [0.12, 0.18] },
    background: { l: 0.98, strength: 0.05, chroma: [0, 0.008] },
    highlight: { l: 0.29, strength: 0.6, chroma: [0.02, 0.09] },
  },
  night: {
    primary: { l: 0.7, strength: 1, chroma: [0.1, 0.2] },
    secondary: { l: 0.56, strength: 1, chroma: [0.06, 0.18] },
    accent: { l: 0.84, strength: 1, chroma: [0.11, 0.17] },
    background: { l: 0.18, strength: 0.3, chroma: [0.015, 0.05] },
    highlight: { l: 0.93, strength: 0.25, chroma: [0.015, 0.05] },
  },
  soft: {
    primary: { l: 0.6, strength: 0.75, chroma: [0.06, 0.12] },
    secondary: { l: 0.72, strength: 0.7, chroma: [0.05, 0.1] },
    accent: { l: 0.82, strength: 0.8, chroma: [0.07, 0.11] },
    background: { l: 0.985, strength: 0.05, chroma: [0.002, 0.01] },
    highlight: { l: 0.47, strength: 0.6, chroma: [0.04, 0.1] },
  },
  deep: {
    primary: { l: 0.33, strength: 0.8, chroma: [0.05, 0.13] },
    secondary: { l: 0.48, strength: 0.85, chroma: [0.05, 0.14] },
    accent: { l: 0.72, strength: 0.9, chroma: [0.11, 0.15] },
    background: { l: 0.96, strength: 0.1, chroma: [0.008, 0.02] },
    highlight: { l: 0.61, strength: 0.8, chroma: [0.06, 0.13] },
  },
  earthy: {
    primary: { l: 0.42, strength: 0.6, chroma: [0.04, 0.1] },
    secondary: { l: 0.57, strength: 0.6, chroma: [0.04, 0.1] },
    accent: { l: 0.7, strength: 0.75, chroma: [0.08, 0.12] },
    background: { l: 0.955, strength: 0.2, chroma: [0.014, 0.026] },
    highlight: { l: 0.3, strength: 0.35, chroma: [0.02, 0.05] },
  },
  vivid: {
    primary: { l: 0.56, strength: 1.4, chroma: [0.17, 0.26] },
    secondary: { l: 0.66, strength: 1.4, chroma: [0.15, 0.24] },
    accent: { l: 0.83, strength: 1.3, chroma: [0.15, 0.2] },
    background: { l: 1, strength: 0, chroma: [0, 0] },
    highlight: { l: 0.38, strength: 1, chroma: [0.1, 0.2] },
  },
  ink: {
    primary: { l: 0.24, strength: 0.25, chroma: [0.012, 0.035] },
    secondary: { l: 0.52, strength: 0.3, chroma: [0.015, 0.045] },
    accent: { l: 0.62, strength: 1.1, chroma: [0.14, 0.21] },
    background: { l: 0.975, strength: 0.04, chroma: [0, 0.006] },
    highlight: { l: 0.8, strength: 0.3, chroma: [0.02, 0.05] },
  },
}

/** Any two colours of a palette lie at least this far apart in OKLab. */
const MIN_DISTANCE = 0.09

/** Contrast of the primary colour with the background: that of large text in WCAG 2.2. */
const MIN_CONTRAST = 3

/** Hue of a warm paper. */
const PAPER_HUE = 82

/** Five colours for a mood. `turn` moves all hues by some degrees. */
export function paletteColors(root: Root, mood: Mood, turn: number): PaletteColors {
  const recipe = RECIPES[mood]
  const [one, two, three] = inRoles(root, mood, turn)
  // Greys stay grey, whatever the mood.
  const as = (source: HexColor, { l, strength, chroma: [low, high] }: Role): HexColor =>
    adjust(source, (color) => ({
      l: l < 0.9 && l > 0.2 ? l + (color.l - 0.6) * 0.18 : l,
      c: color.c < GREY ? Math.min(color.c, high) : Math.min(high, Math.max(low, color.c * strength)),
      h: color.h + turn,
    }))

  const paper = as(one, recipe.background)
  const background =
    mood === 'earthy' ? adjust(paper, ({ c }) => ({ c: Math.max(c, 0.016), h: PAPER_HUE })) : paper
  const primary = legible(as(one, recipe.primary), background)
  const chosen: HexColor[] = [background, primary]
  const highlight = as(mood === 'night' ? three : one, recipe.highlight)
  for (const color of [as(two, recipe.secondary), as(three, recipe.accent), highlight]) {
    chosen.push(separate(color, chosen))
  }
  const [, , second, third, fifth] = chosen as [HexColor, HexColor, HexColor, HexColor, HexColor]
  return [primary, second, third, background, fifth]
}

/** Chroma below which a colour counts as grey. */
const GREY = 0.02

/** Yellow and amber turn brown when they are dark enough for a primary colour: there they become the accent. */
function inRoles([one, two, three]: Root, mood: Mood, turn: number): Root {
  const yellow = (color: HexColor) => {
    const { c, h } = fromHex(color)
    return c > 0.06 && hueGap(h + turn, 88) < 26
  }
  if (mood === 'night' || mood === 'soft' || !yellow(one)) return [one, two, three]
  if (!yellow(two)) return [two, three, one]
  if (!yellow(three)) return [three, two, one]
  return ['#20283A', two, one]
}

function legible(color: HexColor, background: HexColor): HexColor {
  const dark = fromHex(background).l < 0.5
  let { l, c, h } = fromHex(color)
  while (contrast(toHex({ l, c, h }), background) < MIN_CONTRAST && l > 0.1 && l < 0.97)
    l += dark ? 0.02 : -0.02
  return toHex({ l, c, h })
}

/** The colour, moved in lightness and then in hue until it is clear of the others. */
function separate(color: HexColor, others: readonly HexColor[]): HexColor {
  const start = fromHex(color)
  const clear = (candidate: HexColor) => others.every((other) => distance(candidate, other) >= MIN_DISTANCE)
  for (let step = 0; step < 40; step++) {
    const change: Partial<Oklch> = {
      l: Math.min(0.95, Math.max(0.2, start.l + (step % 2 === 0 ? 1 : -1) * 0.02 * Math.ceil(step / 2))),
      h: start.h + 2 * step,
    }
    const candidate = toHex({ ...start, ...change })
    if (clear(candidate)) return candidate
  }
  return color
}
