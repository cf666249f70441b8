import { contrastRatio } from '../colour/contrast.ts'
import { labOfRgb } from '../colour/oklab.ts'
import { lchOfLab, rgbOfLch, turn, type Lch } from '../colour/oklch.ts'
import { hexOfRgb, rgbOfHex, type Rgb } from '../colour/srgb.ts'
import type { Palette, PaletteColors, Swatch } from '../protocol.ts'
import { harmonies, type Harmony } from './harmonies.ts'

/** WCAG's ratio for text. */
const MIN_PRIMARY_CONTRAST = 4.5
/** A hue is only taken from colours that show one. */
const MIN_HUE_CHROMA = 0.03
/** Chroma of the leading colour is kept between these, so that a harmony is neither grey nor glaring. */
const CHROMA_RANGE: readonly [number, number] = [0.09, 0.17]
/** What stands in for the hue of an image without one. */
const CALM_BLUE: Lch = { lightness: 0.55, chroma: 0.1, hue: 250 }
const LIGHTNESS_STEP = 0.01

/** Thirty degrees of the OKLCH hue circle each, from 0 (pink) on. */
const HUE_NAMES = [
  'Rose',
  'Coral',
  'Amber',
  'Gold',
  'Lime',
  'Leaf',
  'Jade',
  'Teal',
  'Azure',
  'Indigo',
  'Violet',
  'Orchid',
] as const

/**
 * Fifteen distinct palettes made from an image's swatches by colour theory, those that suit most images
 * first. Primary stands on the background with a contrast of at least 4.5.
 */
export function derivePalettes(swatches: readonly Swatch[]): Palette[] {
  const found = leadingColour(swatches)
  const lead = withUsableChroma(found ?? CALM_BLUE)
  const origin = found ? 'Derived from the image' : 'Derived from a calm blue, as the image shows no hue'
  const hueName = HUE_NAMES[Math.floor(lead.hue / 30) % HUE_NAMES.length]!
  return harmonies.map((harmony) => ({
    name: `${hueName} ${harmony.title}`,
    description: `${origin}: ${harmony.description}`,
    colors: coloursOf(harmony, lead),
    derived: true,
  }))
}

/** The colour that stands for the image: strong and frequent, and not one of its greys. */
function leadingColour(swatches: readonly Swatch[]): Lch | undefined {
  let lead: Lch | undefined
  let bestWeight = 0
  for (const { hex, share } of swatches) {
    const colour = lchOfLab(labOfRgb(...rgbOfHex(hex)))
    const weight = colour.chroma < MIN_HUE_CHROMA ? 0 : colour.chroma * Math.sqrt(share)
    if (weight > bestWeight) [lead, bestWeight] = [colour, weight]
  }
  return lead
}

function withUsableChroma(colour: Lch): Lch {
  return { ...colour, chroma: Math.min(CHROMA_RANGE[1], Math.max(CHROMA_RANGE[0], colour.chroma)) }
}

function coloursOf({ tones }: Harmony, lead: Lch): PaletteColors {
  const [primary, secondary, accent, background, highlight] = tones.map((tone) => ({
    lightness: tone.lightness,
    chroma: lead.chroma * tone.chroma,
    hue: turn(lead.hue, tone.turn),
  })) as [Lch, Lch, Lch, Lch, Lch]
  const ground = rgbOfLch(background)
  return [
    hexOfRgb(legibleOn(ground, background.lightness, primary)),
    hexOfRgb(rgbOfLch(secondary)),
    hexOfRgb(rgbOfLch(accent)),
    hexOfRgb(ground),
    hexOfRgb(rgbOfLch(highlight)),
  ]
}

/** Moves a colour away from the ground's lightness until it can be read on it. */
function legibleOn(ground: Rgb, groundLightness: number, colour: Lch): Rgb {
  const direction = colour.lightness < groundLightness ? -1 : 1
  let lightness = colour.lightness
  let rgb = rgbOfLch(colour)
  while (contrastRatio(rgb, ground) < MIN_PRIMARY_CONTRAST && lightness > 0 && lightness < 1) {
    lightness += direction * LIGHTNESS_STEP
    rgb = rgbOfLch({ ...colour, lightness })
  }
  return rgb
}
