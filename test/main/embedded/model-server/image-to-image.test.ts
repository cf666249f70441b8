import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startModelServer, type ModelServer } from '../../../../src/main/embedded/model-server/server.ts'
import { ModelClient } from './model-client.ts'
import { meanDifference, pixelAt } from './picture-difference.ts'

let server: ModelServer
let client: ModelClient
/** A red square and, at its left, a smaller blue one, on white: 400 by 400 pixels. */
let picture: Uint8Array<ArrayBuffer>

beforeAll(async () => {
  server = await startModelServer()
  client = new ModelClient(server.url)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><rect width="400" height="400" fill="#fff"/>
    <circle cx="220" cy="200" r="100" fill="#d22"/><rect x="60" y="120" width="60" height="60" fill="#25c"/></svg>`
  picture = new Uint8Array(await sharp(Buffer.from(svg)).removeAlpha().png().toBuffer())
})

afterAll(() => server.stop())

describe('an edit of a picture', () => {
  test.each([
    ['make it warmer', 4],
    ['a cooler look', 4],
    ['much brighter', 4],
    ['darker', 4],
    ['more saturated', 1],
    ['greyscale, please', 4],
    ['retro style', 4],
    ['neon', 20],
    ['make it green', 10],
    ['use teal and gold', 8],
    ['navy background', 40],
    ['put a border around it', 6],
    ['add a gold ring', 6],
    ['rounded corners', 2],
    ['add a star', 1],
    ['flip it', 4],
    ['rotate by 30 degrees', 4],
    ['simplify it', 4],
    ['bigger', 4],
    ['smaller', 4],
    ['give it a shadow', 1],
    ['do something nobody has heard of', 6],
  ])('shows: %s', async (prompt, atLeast) => {
    const { type, bytes } = await client.edit(picture, prompt)
    expect(type).toBe('image/png')
    const { width, height, format } = await sharp(bytes).metadata()
    expect({ width, height, format }).toEqual({ width: 400, height: 400, format: 'png' })
    expect(await meanDifference(picture, bytes)).toBeGreaterThan(atLeast)
  })

  test('is the same, byte by byte, for the same words and seed', async () => {
    const [one, other] = await Promise.all([
      client.edit(picture, 'a surprise', 3),
      client.edit(picture, 'A surprise!', 3),
    ])
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0)
  })

  test('differs between instructions that say nothing known', async () => {
    const [one, other] = await Promise.all([client.edit(picture, 'hocus'), client.edit(picture, 'pocus')])
    expect(await meanDifference(one.bytes, other.bytes)).toBeGreaterThan(2)
  })

  test('of the background leaves the figure alone', async () => {
    const { bytes } = await client.edit(picture, 'navy background')
    expect(await pixelAt(bytes, 5, 5)).toEqual([0x16, 0x30, 0x5c])
    expect(await pixelAt(bytes, 220, 200)).toEqual([0xdd, 0x22, 0x22])
  })

  test('of the colour leaves a white ground white', async () => {
    const { bytes } = await client.edit(picture, 'make it green')
    expect(await pixelAt(bytes, 5, 5)).toEqual([255, 255, 255])
    const [r, g, b] = (await pixelAt(bytes, 220, 200)) as [number, number, number]
    expect(g).toBeGreaterThan(Math.max(r, b))
  })

  test('mirrors left and right', async () => {
    const { bytes } = await client.edit(picture, 'mirror it')
    expect(await pixelAt(bytes, 400 - 1 - 90, 150)).toEqual(await pixelAt(picture, 90, 150))
  })

  test('does several things in turn', async () => {
    const { bytes } = await client.edit(picture, 'mirror it, and make the background yellow')
    const [, , blue] = (await pixelAt(bytes, 5, 5)) as [number, number, number]
    expect(blue).toBeLessThan(60)
    expect(await pixelAt(bytes, 310, 150)).toEqual([0x22, 0x55, 0xcc])
  })

  test('takes a photograph-like picture without a flat ground', async () => {
    const gradient = await sharp({
      create: {
        width: 300,
        height: 200,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 120, sigma: 60 },
      },
    })
      .jpeg()
      .toBuffer()
    for (const prompt of ['red background', 'shadow', 'add a leaf', 'make it blue']) {
      const { bytes } = await client.edit(new Uint8Array(gradient), prompt)
      expect(await meanDifference(gradient, bytes)).toBeGreaterThan(0.5)
    }
  })

  test('puts transparent pictures on white', async () => {
    const clear = await sharp({ create: { width: 64, height: 64, channels: 4, background: '#0000' } })
      .png()
      .toBuffer()
    const { bytes } = await client.edit(new Uint8Array(clear), 'add a star')
    expect(await pixelAt(bytes, 2, 2)).toEqual([255, 255, 255])
  })

  test('scales large pictures down to 2048 pixels', async () => {
    const large = await sharp({ create: { width: 3000, height: 600, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    const { bytes } = await client.edit(new Uint8Array(large), 'flip')
    const { width, height } = await sharp(bytes).metadata()
    expect([width, height]).toEqual([2048, 410])
  })

  test('of a picture as small as one pixel is made too', async () => {
    const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#f00' } })
      .png()
      .toBuffer()
    for (const prompt of [
      'shadow',
      'smaller',
      'add a star',
      'ring',
      'rotate 45',
      'simplify',
      'rounded',
      'blue background',
      'bigger',
    ]) {
      const { bytes } = await client.edit(new Uint8Array(dot), prompt)
      expect((await sharp(bytes).metadata()).width).toBe(1)
    }
  })
})
