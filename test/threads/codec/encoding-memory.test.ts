import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodeRaster } from '../../../src/threads/codec/encode.ts'

const SIDE_PX = 600
const MEGABYTE = 1_000_000

test('pictures that were encoded leave no memory behind', async () => {
  const raster = {
    width: SIDE_PX,
    height: SIDE_PX,
    channels: 3,
    pixels: randomBytes(SIDE_PX * SIDE_PX * 3),
  } as const
  const encode = async (times: number) => {
    for (let i = 0; i < times; i++) await encodeRaster(raster, { type: 'png', compressionLevel: 0 })
    return process.memoryUsage.rss()
  }
  const before = await encode(50)
  const after = await encode(200)
  // The files have more than 200 MB together; what is not collected yet is part of it.
  expect(after - before).toBeLessThan(100 * MEGABYTE)
})
