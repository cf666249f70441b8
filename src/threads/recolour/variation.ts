import { labOfRgb } from '../colour/oklab.ts'
import { rgbOfHex } from '../colour/srgb.ts'
import type { Raster } from '../codec/encode.ts'
import type { PaletteColors, RegionAnalysis, SharedImage } from '../protocol.ts'
import { assignColours } from './assignment.ts'
import { buildColourTable } from './colour-table.ts'

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
  const table = buildColourTable(
    regions.labs,
    regions.memberships,
    regions.tones,
    assigned,
    palette,
    packed,
    regions.rgb,
  )
  const pixels = new Uint8Array(width * height * channels)
  const { colourOfPixel, mixed } = regions
  for (let pixel = 0, at = 0; pixel < colourOfPixel.length; pixel++, at += channels) {
    const colour = table[colourOfPixel[pixel]!]!
    pixels[at] = colour >> 16
    pixels[at + 1] = (colour >> 8) & 255
    pixels[at + 2] = colour & 255
  }
  for (let i = 0; i < mixed.count; i++) {
    const at = mixed.pixel[i]! * channels
    const from = table[mixed.from[i]!]!
    const to = table[mixed.to[i]!]!
    const share = mixed.share[i]!
    for (let part = 0, shift = 16; part < 3; part++, shift -= 8) {
      const one = (from >> shift) & 255
      const other = (to >> shift) & 255
      pixels[at + part] = one + Math.round(((other - one) * share) / 255)
    }
  }
  if (channels === 4) for (let at = 3; at < pixels.length; at += 4) pixels[at] = source[at]!
  if (strength < 1) {
    for (let at = 0; at < pixels.length; at++) {
      pixels[at] = Math.round(source[at]! + (pixels[at]! - source[at]!) * strength)
    }
  }
  return { width, height, channels, pixels }
}
