import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { claimedSize } from '../../../src/main/pool/image-header.ts'
import { hostileImages } from '../../setup/hostile-images.ts'
import { buildPng, pngChunk, withChunks } from '../../setup/png-file.ts'
import { readFixture } from '../../threads/picture.ts'

const WIDTH = 37
const HEIGHT = 21
const PICTURE = { pixels: WIDTH * HEIGHT, channels: 3 }

const drawn = (alpha: number) =>
  sharp({ create: { width: WIDTH, height: HEIGHT, channels: 4, background: { r: 9, g: 80, b: 200, alpha } } })

const opaque = () => drawn(1).removeAlpha()

describe('what memory is set aside for', () => {
  test.each([
    ['PNG', () => opaque().png()],
    ['interlaced PNG', () => opaque().png({ progressive: true })],
    ['PNG with a palette', () => opaque().png({ palette: true })],
    ['grey PNG', () => opaque().toColourspace('b-w').png()],
    ['JPEG', () => opaque().jpeg()],
    ['progressive JPEG', () => opaque().jpeg({ progressive: true })],
    ['grey JPEG', () => opaque().toColourspace('b-w').jpeg()],
    ['CMYK JPEG', () => opaque().toColourspace('cmyk').jpeg()],
    [
      'JPEG with EXIF and a colour profile',
      () =>
        opaque()
          .withExif({ IFD0: { Artist: 'a' } })
          .jpeg(),
    ],
    ['JPEG that is turned', () => opaque().withMetadata({ orientation: 6 }).jpeg()],
    ['WebP', () => opaque().webp()],
    ['lossless WebP', () => opaque().webp({ lossless: true })],
  ])('of a %s is the size of its picture', async (_, make) => {
    expect(claimedSize(await make().toBuffer())).toEqual(PICTURE)
  })

  test.each([
    ['PNG', () => drawn(0.5).png()],
    ['PNG with a palette', () => drawn(0.5).png({ palette: true })],
    ['WebP', () => drawn(0.5).webp()],
    ['lossless WebP', () => drawn(0.5).webp({ lossless: true })],
    ['WebP that only may be transparent', () => opaque().withMetadata({ orientation: 1 }).webp()],
  ])('of a %s with transparency counts that too', async (_, make) => {
    expect(claimedSize(await make().toBuffer())).toEqual({ ...PICTURE, channels: 4 })
  })

  test('of a PNG with a transparent colour counts that too', () => {
    const png = buildPng(16, 8, { colourType: 2, bitDepth: 8 })
    const transparent = withChunks(png, pngChunk('gAMA', Buffer.alloc(4)), pngChunk('tRNS', Buffer.alloc(6)))
    expect(claimedSize(png)).toEqual({ pixels: 128, channels: 3 })
    expect(claimedSize(transparent)).toEqual({ pixels: 128, channels: 4 })
  })

  test('of a file among other bytes is its own', () => {
    const logo = readFixture('emoji-1f98a.png')
    const around = Buffer.concat([Buffer.alloc(7, 0xff), logo, Buffer.alloc(9)])
    expect(claimedSize(around.subarray(7, -9))).toEqual(claimedSize(logo))
  })
})

describe('hostile images', () => {
  test('are as large for the memory as for the decoder, and have no size where it finds none', async () => {
    for (const { name, bytes } of await hostileImages()) {
      const found = await sharp(bytes, { limitInputPixels: false, pages: 1 })
        .metadata()
        .catch(() => null)
      const isOurs = found !== null && ['png', 'jpeg', 'webp'].includes(found.format)
      const claimed = claimedSize(bytes)
      // A header that is no picture's may have a size or none: the decoder refuses the file.
      if (!isOurs) continue
      expect({ name, pixels: claimed?.pixels }).toEqual({ name, pixels: found.width * found.height })
      expect(claimed?.channels).toBeGreaterThanOrEqual(found.hasAlpha ? 4 : 3)
    }
  })

  test('of so many parts that it takes long to walk through them are not walked through', async () => {
    const jpeg = await opaque().jpeg().toBuffer()
    const png = await opaque().png().toBuffer()
    const parts = {
      segment: Buffer.from([0xff, 0xe0, 0, 2]),
      stuffing: Buffer.from([0xff, 0]),
      restart: Buffer.from([0xff, 0xd0]),
      filling: Buffer.from([0xff]),
    }
    const jpegWith = (part: Buffer, count: number) =>
      Buffer.concat([jpeg.subarray(0, 2), ...Array<Buffer>(count).fill(part), jpeg.subarray(2)])
    for (const [name, part] of Object.entries(parts)) {
      expect({ name, size: claimedSize(jpegWith(part, 1_000)) }).toEqual({ name, size: PICTURE })
      expect({ name, size: claimedSize(jpegWith(part, 20_000)) }).toEqual({ name, size: null })
    }
    const pngWith = (count: number) =>
      withChunks(png, ...Array<Buffer>(count).fill(pngChunk('teXt', Buffer.alloc(0))))
    expect(claimedSize(pngWith(1_000))).toEqual(PICTURE)
    // Its size stands at the start; whether it may be transparent does not.
    expect(claimedSize(pngWith(20_000))).toEqual({ ...PICTURE, channels: 4 })
  })

  test('that end anywhere in their header have no size, and harm nobody', async () => {
    const files = await Promise.all([
      drawn(0.5).png().toBuffer(),
      opaque().jpeg().toBuffer(),
      opaque().webp().toBuffer(),
      opaque().webp({ lossless: true }).toBuffer(),
      drawn(0.5).webp().toBuffer(),
    ])
    for (const file of files) {
      for (let end = 0; end < 30; end++) expect(claimedSize(file.subarray(0, end))).toBeNull()
      for (let end = 30; end < file.length; end++)
        expect(() => claimedSize(file.subarray(0, end))).not.toThrow()
    }
  })
})
