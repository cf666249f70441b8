import { Vibrant } from 'node-vibrant/browser'
import { hexOfRgb, type Rgb } from '../colour/srgb.ts'
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
 * The swatches of an image by node-vibrant, in the fixed order of their names. It chooses from the image's main
 * colours, the largest first: left to itself with all pixels it prefers a few odd ones that are nearer to its ideals.
 * It also makes up a swatch where the image has none of its kind; those are left out. A wholly transparent image has
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

/** Which of some colours node-vibrant takes for which of its swatches. */
async function nameColours(colours: readonly MainColour[]): Promise<[SwatchName, MainColour][]> {
  // The browser entry is the one that brings no image decoder along; pixels come from the class below.
  const palette = await Vibrant.from(Buffer.alloc(0)).useImageClass(imageClassOf(colours)).getPalette()
  return SWATCH_NAMES.flatMap((name) => {
    const swatch = palette[name]
    if (!swatch || swatch.population === 0) return []
    const [red, green, blue] = swatch.rgb
    return [[name, nearestColour(colours, [red, green, blue])]]
  })
}

/** node-vibrant rounds colours coarsely: this is the one that it means. */
function nearestColour(colours: readonly MainColour[], rgb: Rgb): MainColour {
  const distance = (colour: MainColour) =>
    colour.rgb.reduce((sum, part, i) => sum + (part - rgb[i]!) * (part - rgb[i]!), 0)
  return colours.reduce((best, colour) => (distance(colour) < distance(best) ? colour : best))
}

/**
 * An image class of node-vibrant: a row of one pixel a colour, which loads nothing and is never resized. Were there more
 * pixels of one colour than of another, node-vibrant would stop parting colours at the first that it cannot part.
 */
function imageClassOf(colours: readonly MainColour[]) {
  const width = colours.length
  const data = Uint8ClampedArray.from(colours.flatMap(({ rgb }) => [...rgb, 255]))
  return class ColourImage {
    load() {
      return Promise.resolve(this)
    }
    getWidth() {
      return width
    }
    getHeight() {
      return 1
    }
    getPixelCount() {
      return width
    }
    getImageData() {
      return { data, width, height: 1 }
    }
    scaleDown() {}
    resize() {}
    update() {}
    clear() {}
    remove() {}
  }
}
