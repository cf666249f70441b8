import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyLoaderPolicy } from '../../../src/threads/codec/loader-policy.ts'

// The block holds for the whole process, so each kind of file is shown to be readable before and refused after.
const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
)
const files = new Map<string, Buffer>([['svg', SVG]])
let folder: string

const blank = () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#3264c8' } })
const decode = (input: Buffer | string) => sharp(input).raw().toBuffer()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loader-policy-'))
  for (const format of ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const) {
    files.set(format, await blank().toFormat(format).toBuffer())
  }
  for (const [format, bytes] of files) {
    writeFileSync(join(folder, format), bytes)
    await decode(bytes)
    await decode(join(folder, format))
  }
  applyLoaderPolicy()
})

afterAll(() => rmSync(folder, { recursive: true }))

test.each(['png', 'jpeg', 'webp'])('%s is decoded from memory', async (format) => {
  const pixels = await decode(files.get(format)!)
  expect(pixels.length).toBe(8 * 8 * 3)
})

test.each(['svg', 'gif', 'tiff', 'avif'])('%s is refused', async (format) => {
  await expect(decode(files.get(format)!)).rejects.toThrow('unsupported image format')
})

test.each(['png', 'jpeg', 'webp', 'svg', 'gif', 'tiff', 'avif'])(
  'a %s file on disk is refused',
  async (format) => {
    await expect(decode(join(folder, format))).rejects.toThrow('unsupported image format')
  },
)

test('raw pixels need no loader and still work', async () => {
  const png = await sharp(Buffer.alloc(48), { raw: { width: 4, height: 4, channels: 3 } })
    .png()
    .toBuffer()
  expect((await sharp(png).metadata()).width).toBe(4)
})

test('one libvips thread an image, and no cache', () => {
  expect(sharp.concurrency()).toBe(1)
  expect(sharp.cache()).toMatchObject({ memory: { max: 0 }, files: { max: 0 }, items: { max: 0 } })
})
