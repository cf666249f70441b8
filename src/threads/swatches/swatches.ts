import { Vibrant } from 'node-vibrant/browser'
import { hexOfRgb } from '../colour/srgb.ts'
import type { SharedImage, Swatch, SwatchName } from '../protocol.ts'
import { samplePixels, type SampledPixels } from './sampled-pixels.ts'

/** Enough pixels for six colours, few enough to cost next to nothing. */
const SAMPLE_SIDE_PX = 96

const SWATCH_NAMES: readonly SwatchName[] = [
  'Vibrant',
  'DarkVibrant',
  'LightVibrant',
  'Muted',
  'DarkMuted',
  'LightMuted',
]

/**
 * The swatches of an image by node-vibrant, in the fixed order of their names. node-vibrant makes up a
 * swatch where the image has none of its kind; those are left out. A wholly transparent image has none.
 */
export async function findSwatches(image: SharedImage): Promise<Swatch[]> {
  const sample = samplePixels(image, SAMPLE_SIDE_PX)
  if (sample.countedPixels === 0) return []
  // The browser entry is the one that brings no image decoder along; pixels come from the class below.
  const palette = await Vibrant.from(Buffer.alloc(0)).useImageClass(imageClassOf(sample)).getPalette()
  return SWATCH_NAMES.flatMap((name) => {
    const swatch = palette[name]
    if (!swatch || swatch.population === 0) return []
    const [red, green, blue] = swatch.rgb
    return [{ name, hex: hexOfRgb([red, green, blue]), share: swatch.population / sample.countedPixels }]
  })
}

/** An image class of node-vibrant over pixels in memory: it loads nothing and is never resized. */
function imageClassOf(sample: SampledPixels) {
  return class SampledImage {
    load() {
      return Promise.resolve(this)
    }
    getWidth() {
      return sample.width
    }
    getHeight() {
      return sample.height
    }
    getPixelCount() {
      return sample.width * sample.height
    }
    getImageData() {
      return { data: sample.rgba, width: sample.width, height: sample.height }
    }
    scaleDown() {}
    resize() {}
    update() {}
    clear() {}
    remove() {}
  }
}
