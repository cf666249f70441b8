import { Swatch as VibrantSwatch } from '@vibrant/color'
import { DefaultGenerator, DefaultOpts } from '@vibrant/generator-default'
import { hexOfRgb } from '../colour/srgb.ts'
import type { SharedImage, Swatch, SwatchName } from '../protocol.ts'
import { findMainColours, type MainColour } from './main-colours.ts'
import { samplePixels } from './sampled-pixels.ts'

/** Enough pixels for the main colours, few enough to cost next to nothing. */
const SAMPLE_SIDE_PX = 96

const SWATCH_NAMES: readonly SwatchName[] = [
  'Vibrant',
  'DarkVibrant',
  'LightVibrant',
  'Muted',
  'DarkMuted',
  'LightMuted',
]

/** Colours of at least these shares are named first, then those of the next. */
const MIN_SHARES = [0.1, 0.02, 0] as const

/**
 * The swatches of an image by node-vibrant's rules, in the fixed order of their names. They choose from the image's main
 * colours, the largest first: left with all pixels they prefer a few odd ones that are nearer to their ideals.
 * They also make up a swatch where the image has none of its kind; those are left out. A wholly transparent image has
 * none.
 */
export async function findSwatches(image: SharedImage): Promise<Swatch[]> {
  const unnamed = new Set(findMainColours(samplePixels(image, SAMPLE_SIDE_PX)))
  const named = new Map<SwatchName, MainColour>()
  let leftOver = 0
  for (const minShare of MIN_SHARES) {
    const colours = [...unnamed].filter(({ share }) => share >= minShare)
    // Those that were left over suit no name that is still free: only new ones are worth the asking.
    if (colours.length === leftOver || named.size === SWATCH_NAMES.length) continue
    for (const [name, colour] of await nameColours(colours)) {
      if (named.has(name)) continue
      named.set(name, colour)
      unnamed.delete(colour)
    }
    leftOver = colours.filter((colour) => unnamed.has(colour)).length
  }
  return SWATCH_NAMES.flatMap((name) => {
    const colour = named.get(name)
    return colour ? [{ name, hex: hexOfRgb(colour.rgb), share: colour.share }] : []
  })
}

/** node-vibrant leaves colours out that are as good as white: all their parts are larger than this. */
const MAX_DULL_PART = 250

/**
 * Which of some colours node-vibrant's generator takes for which of its swatches. It is asked straight: what stands before
 * it in node-vibrant, a histogram and boxes that part it, would give the same few colours back, and coarsely rounded.
 */
async function nameColours(colours: readonly MainColour[]): Promise<[SwatchName, MainColour][]> {
  const candidates = new Map(
    colours
      .filter(({ rgb }) => rgb.some((part) => part <= MAX_DULL_PART))
      .map((colour) => [new VibrantSwatch([...colour.rgb], 1), colour]),
  )
  const palette = await DefaultGenerator([...candidates.keys()], DefaultOpts)
  return SWATCH_NAMES.flatMap((name) => {
    const swatch = palette[name]
    const colour = swatch && candidates.get(swatch)
    return colour ? [[name, colour]] : []
  })
}
