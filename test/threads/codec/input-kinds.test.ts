import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../../src/threads/codec/decode.ts'
import type { Raster } from '../../../src/threads/codec/raster.ts'
import { closeLoaders, limitCodecs } from '../../../src/threads/codec/loader-policy.ts'

closeLoaders()
limitCodecs()

const LIMITS = { maxPixels: 1_000_000, maxSidePixels: 4096 }
const WIDTH = 48
const HEIGHT = 24

type Colour = readonly number[]

/** A landscape picture with one colour on the left and another on the right. */
function halves(left: Colour, right: Colour): Sharp {
  const pixels = Buffer.from(
    Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH < WIDTH / 2 ? left : right)).flat(),
  )
  const channels = left.length as 3 | 4
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels } })
}

function pixel({ width, channels, pixels }: Raster, x: number, y: number): number[] {
  const at = (y * width + x) * channels
  return [...pixels.subarray(at, at + channels)]
}

/** Decodes, and sees to it that one byte a part came out and both halves have their colour, upright. */
async function expectHalves(encoded: Uint8Array, left: Colour, right: Colour, slack: number): Promise<void> {
  const image = await decodeImage(encoded, LIMITS)
  expect(image).toMatchObject({ width: WIDTH, height: HEIGHT, channels: left.length })
  expect(image.pixels.byteLength).toBe(WIDTH * HEIGHT * left.length)
  for (const [x, expected] of [
    [WIDTH / 4, left],
    [(WIDTH * 3) / 4, right],
  ] as const) {
    const actual = pixel(image, x, HEIGHT / 2)
    for (const [part, value] of expected.entries()) {
      expect(
        Math.abs(actual[part]! - value),
        `${actual.join()} where ${expected.join()} was`,
      ).toBeLessThanOrEqual(slack)
    }
  }
}

const BRICK: Colour = [180, 96, 70]
const MOSS: Colour = [96, 120, 60]

describe('hostile images: what is unusual becomes 8-bit sRGB in its own colours', () => {
  test('a PNG of 16 bits a part, rounded to the nearest byte', async () => {
    const values = Uint16Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
      const isLeft = ((i / 3) | 0) % WIDTH < WIDTH / 2
      return (isLeft ? BRICK : MOSS)[i % 3]! * 257 + (i % 100)
    })
    const encoded = await sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect(await sharp(encoded).metadata()).toMatchObject({ depth: 'ushort', channels: 3 })
    await expectHalves(encoded, BRICK, MOSS, 1)
  })

  // Four inks cannot show every colour and the way there and back is not exact; taken for light they would be far off.
  test('a CMYK JPEG, with its profile and without', async () => {
    const withProfile = await halves(BRICK, MOSS)
      .withIccProfile('cmyk')
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer()
    const without = await halves(BRICK, MOSS)
      .toColourspace('cmyk')
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer()
    for (const [encoded, hasProfile] of [
      [withProfile, true],
      [without, false],
    ] as const) {
      expect(await sharp(encoded).metadata()).toMatchObject({ space: 'cmyk', channels: 4, hasProfile })
      await expectHalves(encoded, BRICK, MOSS, 26)
    }
  })

  test.each(['b-w', 'grey16'])('a grey PNG (%s), alone and with transparency', async (space) => {
    const opaque = halves([60, 60, 60], [200, 200, 200])
    const encoded = await opaque.toColourspace(space).png().toBuffer()
    expect((await sharp(encoded).metadata()).channels).toBe(1)
    await expectHalves(encoded, [60, 60, 60], [200, 200, 200], 1)

    const transparent = halves([60, 60, 60, 255], [200, 200, 200, 128])
    const withAlpha = await transparent.toColourspace(space).png().toBuffer()
    expect((await sharp(withAlpha).metadata()).channels).toBe(2)
    await expectHalves(withAlpha, [60, 60, 60, 255], [200, 200, 200, 128], 1)
  })

  test('a palette PNG, of a few bits a pixel, alone and with transparency', async () => {
    for (const [left, right] of [
      [BRICK, MOSS],
      [
        [...BRICK, 255],
        [...MOSS, 128],
      ],
    ] as const) {
      const encoded = await halves(left, right).png({ palette: true, colours: 4, dither: 0 }).toBuffer()
      expect(await sharp(encoded).metadata()).toMatchObject({ isPalette: true })
      await expectHalves(encoded, left, right, 2)
    }
  })

  // CSS Color Module Level 4 gives color(display-p3 0.21604 0.49418 0.13151) for the green of #008000.
  test.each(['png', 'jpeg', 'webp'] as const)('a %s in Display P3', async (format) => {
    const green: Colour = [0, 128, 0]
    const encoded = await halves(green, BRICK)
      .withIccProfile('p3')
      .toFormat(format, { quality: 100, chromaSubsampling: '4:4:4', lossless: true })
      .toBuffer()
    const { data, info } = await sharp(encoded, { ignoreIcc: true })
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(info.channels).toBe(3)
    const stored = [...data.subarray(0, 3)]
    for (const [part, value] of [55, 126, 34].entries()) {
      expect(Math.abs(stored[part]! - value), `stored ${stored.join()}`).toBeLessThanOrEqual(3)
    }
    await expectHalves(encoded, green, BRICK, 4)
  })
})

describe('hostile images: what lies on its side comes out upright', () => {
  /** EXIF orientations, and the side of the upright picture on which the left half of the stored one is seen. */
  const SEEN = [
    [1, 'left'],
    [3, 'right'],
    [6, 'top'],
    [8, 'bottom'],
  ] as const

  const cases = (['png', 'jpeg', 'webp'] as const).flatMap((format) =>
    SEEN.map(([orientation, seen]) => [format, orientation, seen] as const),
  )

  test.each(cases)('a %s of EXIF orientation %i', async (format, orientation, seen) => {
    const encoded = await halves([255, 0, 0], [0, 0, 255])
      .withMetadata({ orientation })
      .toFormat(format)
      .toBuffer()
    expect(await sharp(encoded).metadata()).toMatchObject({ width: WIDTH, height: HEIGHT, orientation })
    const image = await decodeImage(encoded, LIMITS)
    const isTurned = seen === 'top' || seen === 'bottom'
    expect([image.width, image.height]).toEqual(isTurned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT])
    const [x, y] = isTurned ? [HEIGHT / 2, 4] : [4, HEIGHT / 2]
    const [red, , blue] = pixel(image, x, y) as [number, number, number]
    expect(red > blue).toBe(seen === 'left' || seen === 'top')
    expect(Math.abs(red - blue)).toBeGreaterThan(200)
  })
})
