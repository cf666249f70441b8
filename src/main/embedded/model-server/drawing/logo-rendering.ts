import sharp from 'sharp'
import { logoSvg, type Size } from './logo-drawing.ts'

/** Flat colours gain little from a higher zlib level. */
export const PNG_COMPRESSION_LEVEL = 3

/** A logo for a prompt as a PNG without transparency. The same words, seed and size make the same bytes. */
export function renderLogo(prompt: string, seed: number, size: Size): Promise<Buffer> {
  return sharp(Buffer.from(logoSvg(prompt, seed, size)))
    .removeAlpha()
    .png({ compressionLevel: PNG_COMPRESSION_LEVEL })
    .toBuffer()
}
