import type { SharedImage } from '../protocol.ts'
import { partDifference, type ColourIndex } from './colour-index.ts'

/** What a pixel is part of: an evenly coloured or smoothly shaded place, an edge, or nothing visible. */
export const PixelKind = { flat: 0, edge: 1, hidden: 2 } as const

/** Colours are compared over this many pixels to either side. */
const SPAN_PX = 2
/** Part differences (0 to 255): what makes an edge, and what still belongs to an edge near by. */
const EDGE_STEP = 14
const FOOT_STEP = 4
/** How far from an edge its foot may lie. */
const FOOT_PX = 3
const MIN_VISIBLE_ALPHA = 128

/** Tells the PixelKind of every pixel, one byte each. */
export function classifyPixels(image: SharedImage, index: ColourIndex): Uint8Array {
  const { width, height } = image
  const steps = measureSteps(index)
  const kinds = new Uint8Array(width * height)
  for (let y = 0, pixel = 0; y < height; y++) {
    const up = Math.min(y, FOOT_PX) * width
    const down = Math.min(height - 1 - y, FOOT_PX) * width
    for (let x = 0; x < width; x++, pixel++) {
      const step = steps[pixel]!
      if (step < FOOT_STEP) continue
      const isEdge =
        step >= EDGE_STEP ||
        steps[pixel - Math.min(x, FOOT_PX)]! >= EDGE_STEP ||
        steps[pixel + Math.min(width - 1 - x, FOOT_PX)]! >= EDGE_STEP ||
        steps[pixel - up]! >= EDGE_STEP ||
        steps[pixel + down]! >= EDGE_STEP
      if (isEdge) kinds[pixel] = PixelKind.edge
    }
  }
  if (image.channels === 4) hideTransparent(kinds, new Uint8Array(image.pixels))
  return kinds
}

/** The larger of the differences across a pixel, from left to right and from top to bottom. */
function measureSteps({ width, height, ofPixel, rgb }: ColourIndex): Uint8Array {
  const steps = new Uint8Array(width * height)
  for (let y = 0, pixel = 0; y < height; y++) {
    const up = Math.min(y, SPAN_PX) * width
    const down = Math.min(height - 1 - y, SPAN_PX) * width
    for (let x = 0; x < width; x++, pixel++) {
      const left = ofPixel[pixel - Math.min(x, SPAN_PX)]!
      const right = ofPixel[pixel + Math.min(width - 1 - x, SPAN_PX)]!
      const above = ofPixel[pixel - up]!
      const below = ofPixel[pixel + down]!
      const across = left === right ? 0 : partDifference(rgb[left]!, rgb[right]!)
      const along = above === below ? 0 : partDifference(rgb[above]!, rgb[below]!)
      steps[pixel] = Math.max(across, along)
    }
  }
  return steps
}

function hideTransparent(kinds: Uint8Array, rgba: Uint8Array): void {
  for (let pixel = 0; pixel < kinds.length; pixel++) {
    if (rgba[pixel * 4 + 3]! < MIN_VISIBLE_ALPHA) kinds[pixel] = PixelKind.hidden
  }
}
