import { labOfRgb } from '../colour/oklab.ts'
import { rgbOfHex } from '../colour/srgb.ts'
import type { Raster } from '../codec/raster.ts'
import type { ImageInHand, PaletteColors, RegionAnalysis } from '../protocol.ts'
import type { Backdrop } from './assignment-costs.ts'
import { assignColours } from './assignment.ts'
import { buildNodeColours } from './node-colours.ts'
import { paintOpaque } from './painter.ts'

/** An image that is analysed; its pixels may lie anywhere, and may be missing where {@link readsPixels} says no. */
export type RecolouredImage = Omit<ImageInHand, 'pixels'> & { readonly pixels: Uint8Array | null }

/** Whether variations of a strength are made of the pixels themselves, and not of their analysis alone. */
export function readsPixels(
  { channels }: Pick<Raster, 'channels'>,
  { tones }: Pick<RegionAnalysis, 'tones'>,
  strength: number,
): boolean {
  return channels === 4 || tones.length === 0 || strength < 1
}

/** The pixels of an image that has them. */
export function pixelsOf({ pixels }: RecolouredImage): Uint8Array {
  if (!pixels) throw new Error('expected an image whose pixels are kept')
  return pixels
}

/** Has the kernel work out what a palette makes of all nodes of an image; see {@link buildNodeColours}. */
export function colourNodes(
  { channels }: Pick<Raster, 'channels'>,
  regions: RegionAnalysis,
  colors: PaletteColors,
): Uint32Array {
  const rgbs = colors.map((hex) => rgbOfHex(hex))
  const palette = rgbs.map((rgb) => labOfRgb(...rgb))
  const backdrop: Backdrop = regions.hasBackground ? 'region' : channels === 4 ? 'transparent' : 'none'
  const assigned = assignColours(regions.tones, backdrop, regions.adjacency, palette)
  return buildNodeColours(regions.nodes, regions.tones, regions.hasBackground, assigned, palette, rgbs)
}

/**
 * Recolours an image with a palette; `strength` 0 gives the pixels back as they are, 1 recolours in full. The
 * result lies in `target` when that is given, which must have as many bytes as the image: memory that is used
 * again spares the system from clearing it.
 */
export function recolour(
  image: RecolouredImage,
  regions: RegionAnalysis,
  colors: PaletteColors,
  strength: number,
  target?: Uint8Array<ArrayBuffer>,
): Raster {
  const { width, height, channels } = image
  if (strength <= 0 || regions.tones.length === 0) {
    return { width, height, channels, pixels: pixelsOf(image) }
  }
  const colours = colourNodes(image, regions, colors)
  const pixels = target ?? new Uint8Array(width * height * channels)
  if (channels === 3) paintOpaque(pixels, regions)
  else paintTransparent(pixels, regions.pixelNodes, colours, pixelsOf(image))
  if (strength < 1) {
    const source = pixelsOf(image)
    for (let at = 0; at < pixels.length; at++) {
      pixels[at] = Math.round(source[at]! + (pixels[at]! - source[at]!) * strength)
    }
  }
  return { width, height, channels, pixels }
}

/** The alpha of every pixel stays. */
function paintTransparent(
  pixels: Uint8Array<ArrayBuffer>,
  pixelNodes: Uint16Array,
  colours: Uint32Array,
  source: Uint8Array,
): void {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixelNodes.length)
  for (let pixel = 0; pixel < words.length; pixel++) {
    words[pixel] = colours[pixelNodes[pixel]!]! | (source[pixel * 4 + 3]! << 24)
  }
}
