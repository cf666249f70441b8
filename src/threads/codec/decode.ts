import sharp, { type Metadata } from 'sharp'
import { ImageError } from '../image-error.ts'
import type { ImageLimits } from '../protocol.ts'
import { readPlainPng, type PlainPng } from './plain-png.ts'
import type { Raster } from './raster.ts'

/** A decoder that takes longer than this on an image within the limits is being attacked. */
const DECODE_TIMEOUT_SECONDS = 20

/**
 * Decodes a PNG, JPEG or WebP file in full: 8-bit sRGB (ICC profiles, CMYK, 16 bits, grey and palettes are
 * converted), EXIF orientation applied, first frame only. The result has three channels when every pixel is
 * opaque, else four.
 *
 * With `maxSidePx` a picture is shrunk until its longer side fits, while it is being decoded, so that the big one
 * is never in memory as a whole unless it has to be turned; a picture that fits keeps every pixel.
 *
 * Throws ImageError: `image_unsupported` for another kind of file, `image_too_large` beyond the limits,
 * `image_undecodable` for a broken file, `image_timeout`.
 */
export async function decodeImage(
  encoded: Uint8Array,
  limits: ImageLimits,
  maxSidePx: number = limits.maxSidePixels,
): Promise<Raster> {
  return (await openImage(encoded, limits, maxSidePx)).raster
}

/** An image and, where its file is a plain PNG of these very pixels, that. */
export type OpenedImage = { readonly raster: Raster; readonly plainPng?: PlainPng }

/** Decodes a file as `decodeImage` does; says what file it was, if that is a plain PNG of the very pixels. */
export async function openImage(
  encoded: Uint8Array,
  limits: ImageLimits,
  maxSidePx: number = limits.maxSidePixels,
): Promise<OpenedImage> {
  checkKind(encoded)
  const size = sizeOfPng(encoded) ?? (await readMetadata(encoded))
  checkSize(size, limits)
  const plainPng = Math.max(size.width, size.height) <= maxSidePx ? readPlainPng(encoded) : undefined
  if (!plainPng) return { raster: await decodeByLibvips(encoded, limits, maxSidePx) }
  const { width, height, channels, pixels } = plainPng
  const raster = withoutNeedlessAlpha(pixels, width, height, channels)
  return raster.channels === channels ? { raster, plainPng } : { raster }
}

async function decodeByLibvips(encoded: Uint8Array, limits: ImageLimits, maxSidePx: number): Promise<Raster> {
  const started = performance.now()
  try {
    const { data, info } = await sharp(encoded, { limitInputPixels: limits.maxPixels, pages: 1 })
      .timeout({ seconds: DECODE_TIMEOUT_SECONDS })
      .autoOrient()
      .resize(maxSidePx, maxSidePx, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return withoutNeedlessAlpha(data, info.width, info.height, info.channels)
  } catch (cause) {
    if (performance.now() - started >= DECODE_TIMEOUT_SECONDS * 1000) {
      throw new ImageError('image_timeout', 'the image took too long to decode', { cause })
    }
    throw undecodable(cause)
  }
}

/** A clear answer for files that are no image of ours; libvips alone would only say that it failed. */
function checkKind(encoded: Uint8Array): void {
  const starts = (offset: number, ...bytes: number[]) =>
    bytes.every((byte, i) => encoded[offset + i] === byte)
  const isPng = starts(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  const isJpeg = starts(0, 0xff, 0xd8, 0xff)
  const isWebp = starts(0, 0x52, 0x49, 0x46, 0x46) && starts(8, 0x57, 0x45, 0x42, 0x50)
  if (!isPng && !isJpeg && !isWebp) {
    throw new ImageError('image_unsupported', 'the image must be a PNG, JPEG or WebP file')
  }
}

/** Where a PNG file has the name of its first chunk, and what follows: width and height, four bytes each. */
const PNG_CHUNK_AT = 12
const PNG_SIZE_AT = 16
const PNG_HEADER_BYTES = 24
const IHDR = 0x49484452

/** The size that a PNG file says it has, which libvips would be asked for in vain; undefined where it says none. */
function sizeOfPng(encoded: Uint8Array): Size | undefined {
  if (encoded[0] !== 0x89 || encoded.length < PNG_HEADER_BYTES) return undefined
  const header = new DataView(encoded.buffer, encoded.byteOffset, PNG_HEADER_BYTES)
  if (header.getUint32(PNG_CHUNK_AT) !== IHDR) return undefined
  return { width: header.getUint32(PNG_SIZE_AT), height: header.getUint32(PNG_SIZE_AT + 4) }
}

/** Reads the header only, so the pixel limit is not needed here: it is checked next, with a clear message. */
async function readMetadata(encoded: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(encoded, { limitInputPixels: false, pages: 1 }).metadata()
  } catch (cause) {
    throw undecodable(cause)
  }
}

type Size = Pick<Metadata, 'width' | 'height'>

function checkSize({ width, height }: Size, limits: ImageLimits): void {
  const { maxPixels, maxSidePixels, roomForPixels = maxPixels } = limits
  if (width > maxSidePixels || height > maxSidePixels) {
    throw new ImageError('image_too_large', `the image must have at most ${maxSidePixels} pixels a side`)
  }
  if (width * height > maxPixels) {
    throw new ImageError('image_too_large', `the image must have at most ${maxPixels} pixels`)
  }
  if (width * height > roomForPixels) throw undecodable(new Error('the header is ambiguous'))
}

function undecodable(cause: unknown): ImageError {
  return new ImageError('image_undecodable', 'the image is damaged or incomplete', { cause })
}

/** Drops an alpha channel that says nothing. */
function withoutNeedlessAlpha(data: Uint8Array, width: number, height: number, channels: number): Raster {
  if (channels === 3 || (channels === 4 && hasTransparency(data))) {
    return { width, height, channels, pixels: data }
  }
  if (channels !== 4) throw undecodable(new Error(`${channels} channels after conversion to sRGB`))
  const pixels = new Uint8Array(width * height * 3)
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    pixels[to] = data[from]!
    pixels[to + 1] = data[from + 1]!
    pixels[to + 2] = data[from + 2]!
  }
  return { width, height, channels: 3, pixels }
}

function hasTransparency(rgba: Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return true
  return false
}
