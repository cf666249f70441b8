import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { cleanFile } from '../../../src/threads/codec/clean-file.ts'
import { decodeImage, openImage } from '../../../src/threads/codec/decode.ts'
import { closeLoaders, limitCodecs } from '../../../src/threads/codec/loader-policy.ts'
import { readPlainPng } from '../../../src/threads/codec/plain-png.ts'
import type { OutputFormat } from '../../../src/threads/protocol.ts'
import { pngChunk, withChunks } from '../../setup/png-file.ts'
import { filteredPng, filteredRows, headerChunk, SIGNATURE, END, type Drawn } from './filtered-png.ts'

closeLoaders()
limitCodecs()

const LIMITS = { maxPixels: 10_000_000, maxSidePixels: 4096 }
const PNG: OutputFormat = { type: 'png', compressionLevel: 4 }

const anyPicture = (maxSide = 40): fc.Arbitrary<Drawn> =>
  fc
    .record({
      width: fc.integer({ min: 1, max: maxSide }),
      height: fc.integer({ min: 1, max: maxSide }),
      channels: fc.constantFrom(3 as const, 4 as const),
      filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 7 }),
    })
    .chain(({ width, height, channels, filters }) => {
      const length = width * height * channels
      return fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((pixels) => ({ width, channels, filters, pixels }))
    })

/** Steep and shallow slopes, so that each filter has something to foretell. */
const slopes = (width: number, height: number, channels: 3 | 4, filters: readonly number[]): Drawn => ({
  width,
  channels,
  filters,
  pixels: Uint8Array.from({ length: width * height * channels }, (_, at) => {
    const pixel = Math.floor(at / channels)
    return ((pixel % width) * (1 + (at % channels)) + Math.floor(pixel / width) * 3) & 0xff
  }),
})

const byLibvips = (file: Buffer) => sharp(file).raw().toBuffer()

describe('a plain PNG', () => {
  test('has the pixels that were written, whatever the filters of its rows', () => {
    fc.assert(
      fc.property(anyPicture(), fc.integer({ min: 0, max: 9 }), (drawn, level) => {
        const { width, pixels, channels } = readPlainPng(filteredPng(drawn, level))!
        expect([width, channels]).toEqual([drawn.width, drawn.channels])
        expect(Buffer.compare(pixels, drawn.pixels)).toBe(0)
      }),
    )
  })

  test('has them where its rows are read in several parts', () => {
    for (const channels of [3, 4] as const) {
      const drawn = slopes(1_500, 300, channels, [4, 3, 2, 1, 0])
      expect(Buffer.compare(readPlainPng(filteredPng(drawn))!.pixels, drawn.pixels)).toBe(0)
    }
  })

  test('shows what libvips sees in it, however libvips wrote it', async () => {
    for (const channels of [3, 4] as const) {
      const { width, pixels } = slopes(211, 97, channels, [0])
      const raw = { width, height: 97, channels }
      for (const adaptiveFiltering of [false, true]) {
        const file = await sharp(pixels, { raw }).png({ adaptiveFiltering, palette: false }).toBuffer()
        expect(Buffer.compare(readPlainPng(file)!.pixels, await byLibvips(file))).toBe(0)
      }
    }
  })

  test('may say something about itself that changes no pixel', async () => {
    const file = filteredPng(slopes(30, 20, 3, [4]))
    const text = pngChunk('tEXt', Buffer.from('parameters\0a logo of a fox, steps: 30'))
    const size = pngChunk('pHYs', Buffer.from([0, 0, 11, 19, 0, 0, 11, 19, 1]))
    const talkative = withChunks(file, text, size, pngChunk('sRGB', Buffer.from([0])))
    expect(Buffer.compare(readPlainPng(talkative)!.pixels, await byLibvips(talkative))).toBe(0)
  })

  test('keeps an alpha channel that says something, and loses another', async () => {
    const drawn = slopes(30, 20, 4, [1])
    expect((await decodeImage(filteredPng(drawn), LIMITS)).channels).toBe(4)
    const opaque = { ...drawn, pixels: drawn.pixels.map((value, at) => (at % 4 === 3 ? 255 : value)) }
    expect(await openImage(filteredPng(opaque), LIMITS)).toMatchObject({ raster: { channels: 3 } })
  })
})

describe('any other PNG is left to libvips', () => {
  const drawn = slopes(30, 20, 3, [4])
  const file = filteredPng(drawn)
  const data = deflateSync(filteredRows(drawn))
  const png = (...chunks: Buffer[]) => Buffer.concat([SIGNATURE, ...chunks])
  const { width, pixels } = drawn
  const raw = { width, height: 20, channels: 3 } as const

  test('with other pixels than 8-bit red, green and blue', async () => {
    const picture = sharp(pixels, { raw })
    const others = await Promise.all([
      picture.clone().png({ palette: true }).toBuffer(),
      sharp(
        Uint16Array.from(pixels, (value) => value * 257),
        { raw },
      )
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
      picture.clone().toColourspace('b-w').png().toBuffer(),
      picture.clone().png({ progressive: true }).toBuffer(),
    ])
    for (const other of others) {
      expect(readPlainPng(other)).toBeUndefined()
      expect((await decodeImage(other, LIMITS)).channels).toBe(3)
    }
  })

  test('with anything beside them that may change how they look', async () => {
    const profile = await sharp(pixels, { raw }).withIccProfile('p3').png({ palette: false }).toBuffer()
    const turned = await sharp(pixels, { raw })
      .withMetadata({ orientation: 6 })
      .png({ palette: false })
      .toBuffer()
    for (const chunk of [
      pngChunk('tRNS', Buffer.from([0, 1, 0, 2, 0, 3])),
      pngChunk('gAMA', Buffer.from([0, 0, 177, 143])),
      pngChunk('cICP', Buffer.from([9, 16, 0, 1])),
      pngChunk('zTXt', Buffer.from('Raw profile type exif\0\0')),
      pngChunk('acTL', Buffer.alloc(8)),
      pngChunk('none', Buffer.alloc(0)),
    ]) {
      expect(readPlainPng(withChunks(file, chunk))).toBeUndefined()
    }
    expect(readPlainPng(profile)).toBeUndefined()
    expect(readPlainPng(turned)).toBeUndefined()
    expect(await decodeImage(turned, LIMITS)).toMatchObject({ width: 20, height: 30 })
  })

  test('with a byte too many, too few, or another one anywhere', () => {
    expect(readPlainPng(file)).toBeDefined()
    for (let at = 0; at < file.length; at++) {
      const damaged = Buffer.from(file)
      damaged[at]! ^= 0x10
      expect(readPlainPng(damaged)).toBeUndefined()
      expect(readPlainPng(file.subarray(0, at))).toBeUndefined()
    }
  })

  test('with image data that does not fit its size, goes on behind its end, or lies apart', () => {
    const header = headerChunk(drawn)
    const idat = (bytes: Buffer) => pngChunk('IDAT', bytes)
    const rows = filteredRows(drawn)
    const [half, rest] = [idat(data.subarray(0, 40)), idat(data.subarray(40))]
    expect(readPlainPng(png(header, half, rest, END))).toBeDefined()
    const text = pngChunk('tEXt', Buffer.from('a\0b'))
    for (const other of [
      png(header, half, text, rest, END),
      png(header, idat(data), idat(Buffer.from('hidden')), END),
      png(header, idat(deflateSync(rows.subarray(1))), END),
      png(header, idat(deflateSync(Buffer.concat([rows, Buffer.alloc(1)]))), END),
      png(header, END),
      png(idat(data), header, END),
      png(header, header, idat(data), END),
      png(END),
      SIGNATURE,
    ]) {
      expect(readPlainPng(other)).toBeUndefined()
    }
  })

  test('with as many chunks as nobody writes', () => {
    const chunks = Array<Buffer>(10_000).fill(pngChunk('IDAT', Buffer.alloc(0)))
    expect(readPlainPng(png(headerChunk(drawn), ...chunks, pngChunk('IDAT', data), END))).toBeUndefined()
  })

  test('with a filter that there is none of', async () => {
    const rows = filteredRows(drawn)
    rows[0] = 5
    const other = png(headerChunk(drawn), pngChunk('IDAT', deflateSync(rows)), END)
    expect(readPlainPng(other)).toBeUndefined()
    await expect(decodeImage(other, LIMITS)).rejects.toMatchObject({ code: 'image_undecodable' })
  })
})

describe('the file that a plain PNG is stored as', () => {
  const drawn = slopes(60, 50, 3, [4, 1])

  test('has its pixels and nothing else of what came', () => {
    const secret = Buffer.from('parameters\0a secret prompt')
    const came = Buffer.concat([
      withChunks(filteredPng(drawn), pngChunk('tEXt', secret)),
      Buffer.from('behind the end'),
    ])
    const { bytes, ...rest } = cleanFile(readPlainPng(came)!, PNG)!
    expect(rest).toEqual({ contentType: 'image/png', width: 60, height: 50 })
    expect(Buffer.compare(bytes, filteredPng(drawn))).toBe(0)
  })

  test('is written anew in another format, at the levels of most and of no effort, and where it could be smaller', () => {
    const png = readPlainPng(filteredPng(drawn))!
    for (const compressionLevel of [0, 8, 9]) {
      expect(cleanFile(png, { type: 'png', compressionLevel })).toBeUndefined()
    }
    expect(cleanFile(png, { type: 'webp', quality: 90, effort: 0 })).toBeUndefined()
    expect(cleanFile(readPlainPng(filteredPng(drawn, 1))!, PNG)).toBeUndefined()
  })

  test('is written anew where it is larger than its pixels', () => {
    const empty = pngChunk('IDAT', Buffer.alloc(0))
    const file = filteredPng(drawn)
    const padded = Buffer.concat([
      file.subarray(0, 33),
      ...Array<Buffer>(1_000).fill(empty),
      file.subarray(33),
    ])
    expect(cleanFile(readPlainPng(padded)!, PNG)).toBeUndefined()
  })
})
