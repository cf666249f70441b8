import sharp from 'sharp'
import type { Raster } from '../../src/threads/codec/raster.ts'

/** Decodes a picture of 8-bit sRGB as everybody does, without what the worker does for plain PNG files. */
export async function decodeWithSharp(encoded: Uint8Array): Promise<Raster> {
  const { data, info } = await sharp(encoded).raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3, pixels: data }
}
