import sharp, { type Sharp } from 'sharp'
import { PNG_COMPRESSION_LEVEL } from '../drawing/logo-rendering.ts'
import { RequestRefusal } from '../request-refusal.ts'

/** Larger pictures are scaled down to this, as models do. */
const MAX_SIDE_PX = 2048
const MAX_INPUT_PIXELS = 40_000_000
const FORMATS: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif'])

/** Decoded pixels: 8-bit sRGB without transparency, three bytes a pixel, rows from the top. */
export type Canvas = { readonly width: number; readonly height: number; readonly pixels: Buffer }

/** Decodes an image of any common format; transparent parts become white. Refuses with 400 what it cannot read. */
export async function decode(encoded: Buffer): Promise<Canvas> {
  try {
    const image = sharp(encoded, { limitInputPixels: MAX_INPUT_PIXELS, failOn: 'error' })
    const { format } = await image.metadata()
    if (!FORMATS.has(format)) throw new Error(`unexpected format ${format}`)
    const { data, info } = await image
      .autoOrient()
      .resize({ width: MAX_SIDE_PX, height: MAX_SIDE_PX, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) throw new Error(`unexpected number of channels ${info.channels}`)
    return { width: info.width, height: info.height, pixels: data }
  } catch (error) {
    throw new RequestRefusal(
      400,
      `inputs: expected a PNG, JPEG, WebP, GIF, TIFF or AVIF image of at most ${MAX_INPUT_PIXELS} pixels`,
      { cause: error },
    )
  }
}

/** The canvas as an image to go on working with. */
export const imageOf = ({ width, height, pixels }: Canvas): Sharp =>
  sharp(pixels, { raw: { width, height, channels: 3 } })

/** Runs the image's operations and takes the pixels. */
export async function canvasOf(image: Sharp): Promise<Canvas> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, pixels: data }
}

export function encode(canvas: Canvas): Promise<Buffer> {
  return imageOf(canvas).png({ compressionLevel: PNG_COMPRESSION_LEVEL }).toBuffer()
}
