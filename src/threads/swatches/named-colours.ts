import { hslToRgb, Swatch as VibrantSwatch } from '@vibrant/color'
import { BasicPipeline } from '@vibrant/core'
import { DefaultGenerator, DefaultOpts as AIMS } from '@vibrant/generator-default'
import { Vibrant } from 'node-vibrant/browser'
import type { Rgb } from '../colour/srgb.ts'
import type { SwatchName } from '../protocol.ts'
import type { MainColour } from './main-colours.ts'

export const SWATCH_NAMES: readonly SwatchName[] = [
  'Vibrant',
  'DarkVibrant',
  'LightVibrant',
  'Muted',
  'DarkMuted',
  'LightMuted',
]

/**
 * node-vibrant's own pipeline, but for the quantizer: main colours are not to be gathered anew from a histogram of all
 * colours that there can be, which would take most of the time and round them. It is registered in the default's place.
 */
const pipeline = new BasicPipeline().filter
  .register('default', (red, green, blue) => red <= 250 || green <= 250 || blue <= 250)
  .quantizer.register('mmcq', swatchOfEach)
  .generator.register('default', DefaultGenerator)
Vibrant.use(pipeline)

/**
 * What each swatch is meant to be. No colour suits it better, nor does it suit any other swatch, so that it holds the place
 * of one that is taken.
 */
const IDEALS: Readonly<Record<SwatchName, Rgb>> = {
  Vibrant: ideal(AIMS.targetVibrantSaturation, AIMS.targetNormalLuma),
  DarkVibrant: ideal(AIMS.targetVibrantSaturation, AIMS.targetDarkLuma),
  LightVibrant: ideal(AIMS.targetVibrantSaturation, AIMS.targetLightLuma),
  Muted: ideal(AIMS.targetMutesSaturation, AIMS.targetNormalLuma),
  DarkMuted: ideal(AIMS.targetMutesSaturation, AIMS.targetDarkLuma),
  LightMuted: ideal(AIMS.targetMutesSaturation, AIMS.targetLightLuma),
}

function ideal(saturation: number, luma: number): Rgb {
  const [red, green, blue] = hslToRgb(0, saturation, luma)
  return [Math.round(red), Math.round(green), Math.round(blue)]
}

/** Which of some distinct colours node-vibrant takes for which of its swatches, apart from those that are taken. */
export async function nameColours(
  colours: readonly MainColour[],
  taken: ReadonlySet<SwatchName>,
): Promise<[SwatchName, MainColour][]> {
  const pixels = [...Array.from(taken, (name) => IDEALS[name]), ...colours.map(({ rgb }) => rgb)]
  // The browser entry is the one that brings no image decoder along; pixels come from the class below.
  const palette = await Vibrant.from(Buffer.alloc(0)).useImageClass(imageClassOf(pixels)).getPalette()
  return SWATCH_NAMES.flatMap((name) => {
    const swatch = palette[name]
    if (taken.has(name) || !swatch || swatch.population === 0) return []
    const named = colours.find(({ rgb }) => rgb.every((part, i) => part === swatch.rgb[i]))
    return named ? [[name, named]] : []
  })
}

/** A quantizer of node-vibrant: a swatch of each pixel that was not filtered out. All weigh the same. */
function swatchOfEach(rgba: ArrayLike<number>): VibrantSwatch[] {
  const swatches: VibrantSwatch[] = []
  for (let at = 0; at < rgba.length; at += 4) {
    if (rgba[at + 3] !== 0) swatches.push(new VibrantSwatch([rgba[at]!, rgba[at + 1]!, rgba[at + 2]!], 1))
  }
  return swatches
}

/** An image class of node-vibrant: a row of pixels, which loads nothing and is never resized. */
function imageClassOf(pixels: readonly Rgb[]) {
  const width = pixels.length
  const data = Uint8ClampedArray.from(pixels.flatMap((rgb) => [...rgb, 255]))
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
