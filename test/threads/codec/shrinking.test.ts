import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../../src/threads/codec/decode.ts'
import type { Raster } from '../../../src/threads/codec/raster.ts'
import { closeLoaders, limitCodecs } from '../../../src/threads/codec/loader-policy.ts'
import { readFixture } from '../picture.ts'

closeLoaders()
limitCodecs()

const LIMITS = { maxPixels: 1_000_000, maxSidePixels: 4096 }

/** Red on the left, blue on the right. */
async function halves(width: number, height: number, orientation = 1): Promise<Buffer> {
  const half = { create: { width: width / 2, height, channels: 3, background: '#ff0000' } } as const
  return sharp({ create: { width, height, channels: 3, background: '#0000ff' } })
    .composite([{ input: await sharp(half).png().toBuffer(), left: 0, top: 0 }])
    .withMetadata({ orientation })
    .png()
    .toBuffer()
}

const sizeOf = ({ width, height }: Raster) => [width, height]

function pixel(image: Raster, x: number, y: number): number[] {
  const at = (y * image.width + x) * image.channels
  return [...image.pixels.subarray(at, at + image.channels)]
}

describe('a picture that is larger than asked for', () => {
  test.each([
    ['landscape', 800, 600, [200, 150]],
    ['portrait', 600, 800, [150, 200]],
    ['square', 400, 400, [200, 200]],
    ['a long strip', 4000, 4, [200, 1]],
  ])('is shrunk until its longer side fits: %s', async (_, width, height, size) => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const encoded = await sharp(await halves(width, height))
        .toFormat(format)
        .toBuffer()
      expect(sizeOf(await decodeImage(encoded, LIMITS, 200))).toEqual(size)
    }
  })

  test('still shows what it showed', async () => {
    const image = await decodeImage(await halves(800, 600), LIMITS, 200)
    expect(pixel(image, 50, 75)).toEqual([255, 0, 0])
    expect(pixel(image, 150, 75)).toEqual([0, 0, 255])
  })

  test('is turned as its EXIF says', async () => {
    const image = await decodeImage(await halves(800, 600, 6), LIMITS, 200)
    expect(sizeOf(image)).toEqual([150, 200])
    expect(pixel(image, 75, 50)).toEqual([255, 0, 0])
    expect(pixel(image, 75, 150)).toEqual([0, 0, 255])
  })

  test('keeps its transparency', async () => {
    const background = { r: 10, g: 20, b: 30, alpha: 0.5 }
    const encoded = await sharp({ create: { width: 400, height: 400, channels: 4, background } })
      .png()
      .toBuffer()
    const image = await decodeImage(encoded, LIMITS, 100)
    expect(image.channels).toBe(4)
    expect(pixel(image, 50, 50)[3]).toBe(128)
  })

  test('with 16 bits a part has 8 afterwards', async () => {
    const encoded = await sharp(await halves(800, 600))
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    const image = await decodeImage(encoded, LIMITS, 200)
    expect(image.pixels.byteLength).toBe(200 * 150 * 3)
    expect(pixel(image, 50, 75)).toEqual([255, 0, 0])
  })

  test('is refused like any other when it is beyond the limits or cut short', async () => {
    await expect(decodeImage(await halves(2000, 2000), LIMITS, 200)).rejects.toMatchObject({
      code: 'image_too_large',
    })
    const encoded = await sharp(readFixture('logo-d3.png')).resize(800, 800).jpeg().toBuffer()
    for (const cut of [encoded, await sharp(encoded).png().toBuffer()]) {
      await expect(decodeImage(cut.subarray(0, cut.length - 200), LIMITS, 50)).rejects.toMatchObject({
        code: 'image_undecodable',
      })
    }
  })
})

describe('a picture that fits', () => {
  test.each([200, 201, 4096])('keeps every pixel (limit of %i)', async (maxSidePx) => {
    const noise = Buffer.from(
      Uint32Array.from({ length: 200 * 120 }, (_, i) => Math.imul(i + 1, 0x9e3779b1)).buffer,
    )
    const encoded = await sharp(noise, { raw: { width: 200, height: 120, channels: 4 } })
      .png()
      .toBuffer()
    const image = await decodeImage(encoded, LIMITS, maxSidePx)
    expect(image).toMatchObject({ width: 200, height: 120, channels: 4 })
    expect(noise.equals(image.pixels)).toBe(true)
  })
})
