import { labOfRgb } from '../colour/oklab.ts'
import { rgbOfHex } from '../colour/srgb.ts'
import type { Raster } from '../codec/encode.ts'
import type { PaletteColors, RegionAnalysis, SharedImage } from '../protocol.ts'
import { assignColours } from './assignment.ts'
import { buildNodeColours, packedRgb } from './node-colours.ts'

/** Recolours an image with a palette; `strength` 0 gives the pixels back as they are, 1 recolours in full. */
export function recolour(
  image: SharedImage,
  regions: RegionAnalysis,
  colors: PaletteColors,
  strength: number,
): Raster {
  const { width, height, channels } = image
  const source = new Uint8Array(image.pixels)
  if (strength <= 0 || regions.tones.length === 0) return { width, height, channels, pixels: source }
  const rgbs = colors.map((hex) => rgbOfHex(hex))
  const palette = rgbs.map((rgb) => labOfRgb(...rgb))
  const packed = rgbs.map(([r, g, b]) => (r << 16) | (g << 8) | b)
  const assigned = assignColours(regions.tones, regions.hasBackground, regions.adjacency, palette)
  const { rgb, labs } = buildNodeColours(regions.nodes, regions.tones, assigned, palette, packed)
  const pixels = new Uint8Array(width * height * channels)
  const { mixed } = regions
  const { ofPixel } = regions.nodes
  for (let pixel = 0, at = 0; pixel < ofPixel.length; pixel++, at += channels) {
    const colour = rgb[ofPixel[pixel]!]!
    pixels[at] = colour >> 16
    pixels[at + 1] = (colour >> 8) & 255
    pixels[at + 2] = colour & 255
  }
  for (let i = 0; i < mixed.count; i++) {
    const at = mixed.pixel[i]! * channels
    const from = ofPixel[mixed.from[i]!]! * 3
    const to = ofPixel[mixed.to[i]!]! * 3
    const share = mixed.share[i]! / 255
    const colour = packedRgb(
      labs[from]! + (labs[to]! - labs[from]!) * share,
      labs[from + 1]! + (labs[to + 1]! - labs[from + 1]!) * share,
      labs[from + 2]! + (labs[to + 2]! - labs[from + 2]!) * share,
    )
    pixels[at] = colour >> 16
    pixels[at + 1] = (colour >> 8) & 255
    pixels[at + 2] = colour & 255
  }
  if (channels === 4) for (let at = 3; at < pixels.length; at += 4) pixels[at] = source[at]!
  if (strength < 1) {
    for (let at = 0; at < pixels.length; at++) {
      pixels[at] = Math.round(source[at]! + (pixels[at]! - source[at]!) * strength)
    }
  }
  return { width, height, channels, pixels }
}
