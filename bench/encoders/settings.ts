import sharp from 'sharp'
import { encodeRaster } from '../../src/threads/codec/encode.ts'
import type { Raster } from '../../src/threads/codec/raster.ts'
import type { OutputFormat } from '../../src/threads/protocol.ts'

/** One way to write a picture. */
export type EncoderSetting = {
  readonly name: string
  /** Answers with the number of bytes written. */
  readonly write: (raster: Raster) => Promise<number>
}

const PNG_LEVELS = [1, 3, 4, 6, 9] as const
const WEBP_EFFORTS = [0, 2, 4, 6] as const
const WEBP_QUALITY = 90
/** The level that adaptive filtering is tried at. */
const ADAPTIVE_LEVEL = 6

/** What the worker can be set to, and adaptive filtering, which it does without. */
export const SETTINGS: readonly EncoderSetting[] = [
  ...PNG_LEVELS.map((compressionLevel) =>
    offered(`PNG level ${compressionLevel}`, { type: 'png', compressionLevel }),
  ),
  { name: `PNG level ${ADAPTIVE_LEVEL}, adaptive filters`, write: writeAdaptive },
  ...WEBP_EFFORTS.map((effort) =>
    offered(`WebP quality ${WEBP_QUALITY}, effort ${effort}`, {
      type: 'webp',
      quality: WEBP_QUALITY,
      effort,
    }),
  ),
]

function offered(name: string, format: OutputFormat): EncoderSetting {
  return { name, write: async (raster) => (await encodeRaster(raster, format)).bytes.byteLength }
}

async function writeAdaptive({ pixels, width, height, channels }: Raster): Promise<number> {
  const bytes = await sharp(pixels, { raw: { width, height, channels } })
    .png({ compressionLevel: ADAPTIVE_LEVEL, adaptiveFiltering: true, palette: false })
    .toBuffer()
  return bytes.byteLength
}
