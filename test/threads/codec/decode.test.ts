import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../../src/threads/codec/decode.ts'
import type { Raster } from '../../../src/threads/codec/raster.ts'
import { closeLoaders, limitCodecs } from '../../../src/threads/codec/loader-policy.ts'
import type { ImageErrorCode } from '../../../src/threads/protocol.ts'
import { buildPng } from '../../setup/png-file.ts'

closeLoaders()
limitCodecs()

const LIMITS = { maxPixels: 1_000_000, maxSidePixels: 4096 }

const blank = (background: string) => sharp({ create: { width: 40, height: 20, channels: 3, background } })

function pixel(image: Raster, x: number, y: number): number[] {
  const at = (y * image.width + x) * image.channels
  return [...image.pixels.subarray(at, at + image.channels)]
}

function expectNear(actual: number[], expected: number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length)
  for (const [part, value] of expected.entries())
    expect(Math.abs(actual[part]! - value)).toBeLessThanOrEqual(tolerance)
}

async function refusal(encoded: Uint8Array): Promise<ImageErrorCode> {
  try {
    await decodeImage(encoded, LIMITS)
  } catch (error) {
    return (error as { code: ImageErrorCode }).code
  }
  throw new Error('the image was accepted')
}

describe('hostile images: every kind becomes 8-bit sRGB in shared memory', () => {
  test('PNG, JPEG and WebP', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const image = await decodeImage(await blank('#3264c8').toFormat(format).toBuffer(), LIMITS)
      expect(image).toMatchObject({ width: 40, height: 20, channels: 3 })
      expect(image.pixels.byteLength).toBe(40 * 20 * 3)
      expectNear(pixel(image, 20, 10), [50, 100, 200], 4)
    }
  })

  test('an alpha channel stays when it says something', async () => {
    const encoded = await sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 10, g: 20, b: 30, alpha: 0.5 } },
    })
      .png()
      .toBuffer()
    const image = await decodeImage(encoded, LIMITS)
    expect(pixel(image, 3, 3)).toEqual([10, 20, 30, 128])
  })

  test('an alpha channel that is opaque everywhere is dropped', async () => {
    const encoded = await blank('#102030').ensureAlpha().png().toBuffer()
    expect((await sharp(encoded).metadata()).channels).toBe(4)
    const image = await decodeImage(encoded, LIMITS)
    expect(pixel(image, 3, 3)).toEqual([16, 32, 48])
  })

  test('only the first frame of an animated WebP is taken', async () => {
    const frames = Buffer.concat([Buffer.alloc(16 * 16 * 3, 200), Buffer.alloc(16 * 16 * 3, 20)])
    const encoded = await sharp(frames, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } })
      .webp({ lossless: true })
      .toBuffer()
    expect((await sharp(encoded).metadata()).pages).toBe(2)
    const image = await decodeImage(encoded, LIMITS)
    expect([image.width, image.height]).toEqual([16, 16])
    expect(pixel(image, 8, 8)).toEqual([200, 200, 200])
  })
})

describe('hostile images: what is refused, and how', () => {
  test('a file cut short', async () => {
    const noise = Buffer.from(
      Uint32Array.from({ length: 90 * 90 }, (_, i) => Math.imul(i + 1, 0x9e3779b1)).buffer,
    )
    const raw = sharp(noise, { raw: { width: 90, height: 90, channels: 4 } }).flatten()
    for (const encoded of [await raw.clone().png().toBuffer(), await raw.clone().jpeg().toBuffer()]) {
      const cut = encoded.subarray(0, encoded.length / 2)
      await expect(sharp(cut).metadata()).resolves.toMatchObject({ width: 90 })
      expect(await refusal(cut)).toBe('image_undecodable')
    }
  })

  test('a PNG without area', async () => {
    expect(await refusal(buildPng(0, 0))).toBe('image_undecodable')
  })

  test('files that are no PNG, JPEG or WebP', async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    )
    const html = Buffer.from('<!doctype html><title>503</title>')
    const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
    for (const encoded of [svg, html, gif, Buffer.from('%PDF-1.7'), Buffer.from('BM'), Buffer.alloc(0)]) {
      expect(await refusal(encoded)).toBe('image_unsupported')
    }
  })

  test('a name of a format with nothing behind it', async () => {
    expect(await refusal(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))).toBe(
      'image_undecodable',
    )
    expect(await refusal(Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1'))).toBe('image_undecodable')
  })

  test('huge declared dimensions, before anything is decoded', async () => {
    expect(await refusal(buildPng(60_000, 60_000))).toBe('image_too_large')
    expect(await refusal(buildPng(2000, 2000))).toBe('image_too_large')
  })

  test('a single row or column that is too long', async () => {
    expect(await refusal(buildPng(1, 200_000))).toBe('image_too_large')
    expect(await refusal(buildPng(200_000, 1))).toBe('image_too_large')
  })

  test('more pixels than their header claimed to whoever set memory aside for them', async () => {
    const encoded = buildPng(1000, 900)
    await expect(decodeImage(encoded, { ...LIMITS, roomForPixels: 899_999 })).rejects.toMatchObject({
      code: 'image_undecodable',
    })
    const image = await decodeImage(encoded, { ...LIMITS, roomForPixels: 900_000 })
    expect(image.height).toBe(900)
  })

  test('an image of exactly the limit is accepted', async () => {
    const image = await decodeImage(buildPng(1000, 1000), LIMITS)
    expect(image.width * image.height).toBe(LIMITS.maxPixels)
  })

  test('the message names the limit', async () => {
    await expect(decodeImage(buildPng(2000, 2000), LIMITS)).rejects.toThrow('1000000 pixels')
    await expect(decodeImage(buildPng(1, 9000), LIMITS)).rejects.toThrow('4096 pixels a side')
  })
})
