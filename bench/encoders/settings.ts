import sharp from 'sharp'
import { encodeRaster } from '../../src/threads/codec/encode.ts'
import type { Raster } from '../../src/threads/codec/raster.ts'
import type { OutputFormat, PaletteColors, RegionAnalysis, SharedImage } from '../../src/threads/protocol.ts'
import { encodeVariation } from '../../src/threads/recolour/encoded-variation.ts'
import { analysisFor } from '../../src/threads/recolour/file-outline.ts'

/** A picture whose variations are written: all of its analysis, the palettes, and what the variations look like. */
export type Picture = {
  readonly image: SharedImage
  readonly regions: RegionAnalysis
  readonly palettes: readonly PaletteColors[]
  readonly variations: readonly Raster[]
}

/** One way to write pictures. */
export type EncoderSetting = {
  readonly name: string
  /** Writes all variations and answers with the number of bytes. */
  readonly write: (picture: Picture) => Promise<number>
}

const OUTLINE_LEVELS = [1, 4, 7] as const
const PNG_LEVELS = [1, 3, 4, 6, 9] as const
const WEBP_EFFORTS = [0, 2, 4, 6] as const
const WEBP_QUALITY = 90
/** The level that adaptive filtering is tried at. */
const ADAPTIVE_LEVEL = 6

/**
 * What the worker can be set to, and adaptive filtering, which it does without. Up to level 7 opaque pictures of full strength
 * are written by an outline, all others pixel by pixel.
 */
export const SETTINGS: readonly EncoderSetting[] = [
  ...OUTLINE_LEVELS.map(byOutline),
  ...PNG_LEVELS.map((compressionLevel) =>
    byPixels(`PNG level ${compressionLevel}, by pixels`, { type: 'png', compressionLevel }),
  ),
  {
    name: `PNG level ${ADAPTIVE_LEVEL}, adaptive filters`,
    write: ({ variations }) => sumOf(variations, writeAdaptive),
  },
  ...WEBP_EFFORTS.map((effort) =>
    byPixels(`WebP quality ${WEBP_QUALITY}, effort ${effort}`, {
      type: 'webp',
      quality: WEBP_QUALITY,
      effort,
    }),
  ),
]

/** The outline's own time is part of it, and that of colouring its nodes; pixels are painted before they are written. */
function byOutline(compressionLevel: number): EncoderSetting {
  const kind = { strength: 1, format: { type: 'png', compressionLevel } } as const
  return {
    name: `PNG level ${compressionLevel}, by outline`,
    write: async ({ image, regions, palettes }) => {
      const outlined = analysisFor(image, regions, kind)
      return sumOf(palettes, async (colors) => {
        const { bytes } = await encodeVariation({ image, regions: outlined, colors, ...kind })
        return bytes.byteLength
      })
    },
  }
}

function byPixels(name: string, format: OutputFormat): EncoderSetting {
  const write = async (raster: Raster) => (await encodeRaster(raster, format)).bytes.byteLength
  return { name, write: ({ variations }) => sumOf(variations, write) }
}

/** One after the other, as a thread does it. */
async function sumOf<T>(items: readonly T[], bytesOf: (item: T) => Promise<number>): Promise<number> {
  let bytes = 0
  for (const item of items) bytes += await bytesOf(item)
  return bytes
}

async function writeAdaptive({ pixels, width, height, channels }: Raster): Promise<number> {
  const bytes = await sharp(pixels, { raw: { width, height, channels } })
    .png({ compressionLevel: ADAPTIVE_LEVEL, adaptiveFiltering: true, palette: false })
    .toBuffer()
  return bytes.byteLength
}
