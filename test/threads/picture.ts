import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { labOfRgb, type Lab } from '../../src/threads/colour/oklab.ts'
import { rgbOfHex, type Rgb } from '../../src/threads/colour/srgb.ts'
import { shareRaster } from '../../src/threads/codec/raster.ts'
import type { PaletteColors, SharedImage } from '../../src/threads/protocol.ts'

/** Dark on light, as most palettes are. */
export const OCEAN: PaletteColors = ['#0B3C5D', '#328CC1', '#D9B310', '#F7F9FB', '#1D2731']
/** Light on dark. */
export const NIGHT: PaletteColors = ['#F72585', '#4CC9F0', '#B5179E', '#10002B', '#4361EE']

/** An image whose pixels are given by a function of their place: three parts, or four with alpha. */
export function drawImage(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => readonly number[],
): SharedImage {
  const channels = colourAt(0, 0).length === 4 ? 4 : 3
  const pixels = new Uint8Array(new SharedArrayBuffer(width * height * channels))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(colourAt(x, y), (y * width + x) * channels)
  }
  return { width, height, channels, pixels }
}

/** A picture from the fixtures, scaled to `sidePx`. */
export async function loadFixture(name: string, sidePx: number): Promise<SharedImage> {
  const { data, info } = await sharp(readFixture(name))
    .resize(sidePx, sidePx)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return shareRaster({ width: info.width, height: info.height, channels: 3, pixels: data })
}

export function readFixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, '../fixtures/images', name))
}

/** The mixture of two colours, `share` (0 to 1) of it the other. */
export const mix = (one: Rgb, other: Rgb, share: number): Rgb =>
  [0, 1, 2].map((part) => Math.round(one[part]! + (other[part]! - one[part]!) * share)) as unknown as Rgb

/** The pixel at a place, without alpha. */
export function pixelAt(
  image: { readonly width: number; readonly channels: 3 | 4; readonly pixels: Uint8Array },
  x: number,
  y: number,
): Rgb {
  const at = (y * image.width + x) * image.channels
  return [image.pixels[at]!, image.pixels[at + 1]!, image.pixels[at + 2]!]
}

export function labOfHex(hex: string): Lab {
  return labOfRgb(...rgbOfHex(hex))
}
