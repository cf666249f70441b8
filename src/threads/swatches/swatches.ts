import { Swatch as VibrantSwatch } from '@vibrant/color'
import { DefaultGenerator } from '@vibrant/generator-default'
import { hexOfRgb } from '../colour/srgb.ts'
import type { SharedImage, Swatch, SwatchName } from '../protocol.ts'
import { findMainColours, type MainColour } from './main-colours.ts'
import { samplePixels } from './sampled-pixels.ts'

/** Enough pixels for the main colours, few enough to cost next to nothing. */
const SAMPLE_SIDE_PX = 96
/** What all main colours together count as for node-vibrant, which takes whole numbers of pixels. */
const POPULATION = 1000

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
 * The swatches of an image as node-vibrant names them, in the fixed order of their names. It chooses from the image's
 * main colours, the largest first: left to itself with all pixels it prefers a few odd ones that are nearer to its
 * ideals. It also makes up a swatch where the image has none of its kind; those are left out. A wholly transparent
 * image has none.
 */
export async function findSwatches(image: SharedImage): Promise<Swatch[]> {
  const unnamed = new Set(findMainColours(samplePixels(image, SAMPLE_SIDE_PX)))
  const named = new Map<SwatchName, MainColour>()
  for (const minShare of MIN_SHARES) {
    const colours = [...unnamed].filter(({ share }) => share >= minShare)
    for (const [name, colour] of await nameColours(colours)) {
      if (named.has(name)) continue
      named.set(name, colour)
      unnamed.delete(colour)
    }
  }
  return SWATCH_NAMES.flatMap((name) => {
    const colour = named.get(name)
    return colour ? [{ name, hex: hexOfRgb(colour.rgb), share: colour.share }] : []
  })
}

/** Which of some colours node-vibrant takes for which of its swatches. */
async function nameColours(colours: readonly MainColour[]): Promise<[SwatchName, MainColour][]> {
  if (colours.length === 0) return []
  const colourOf = new Map(
    colours.map((colour) => [
      new VibrantSwatch([...colour.rgb], Math.max(1, Math.round(colour.share * POPULATION))),
      colour,
    ]),
  )
  const palette = await DefaultGenerator([...colourOf.keys()])
  return SWATCH_NAMES.flatMap((name) => {
    const swatch = palette[name]
    // A swatch that was made up is none of those that it was given.
    const colour = swatch ? colourOf.get(swatch) : undefined
    return colour ? [[name, colour]] : []
  })
}
