import type { Raster } from '../codec/raster.ts'
import { hexOfRgb } from '../colour/srgb.ts'
import type { Swatch, SwatchName } from '../protocol.ts'
import { findMainColours, type MainColour } from './main-colours.ts'
import { nameColours, SWATCH_NAMES } from './named-colours.ts'
import { samplePixels } from './sampled-pixels.ts'

/** Enough pixels for the main colours, few enough to cost next to nothing. */
const SAMPLE_SIDE_PX = 96

/** Colours of at least these shares are named first, then those of the next. */
const MIN_SHARES = [0.1, 0.02, 0] as const

/**
 * The swatches of an image by node-vibrant, in the fixed order of their names. It chooses from the image's main
 * colours, the largest first: left to itself with all pixels it prefers a few odd ones that are nearer to its ideals.
 * It also makes up a swatch where the image has none of its kind; those are left out. A wholly transparent image has
 * none.
 */
export async function findSwatches(image: Raster): Promise<Swatch[]> {
  const unnamed = new Set(findMainColours(samplePixels(image, SAMPLE_SIDE_PX)))
  const named = new Map<SwatchName, MainColour>()
  let leftOver = 0
  for (const minShare of MIN_SHARES) {
    const colours = [...unnamed].filter(({ share }) => share >= minShare)
    // Those that were left over suit no name that is still free: only new ones are worth the asking.
    if (colours.length === leftOver || named.size === SWATCH_NAMES.length) continue
    for (const [name, colour] of await nameColours(colours, new Set(named.keys()))) {
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
