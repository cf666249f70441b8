import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startModelServer, type ModelServer } from '../../../../src/main/embedded/model-server/server.ts'
import { ModelClient } from './model-client.ts'
import { meanDifference, pixelAt } from './picture-difference.ts'

let server: ModelServer
let client: ModelClient

beforeAll(async () => {
  server = await startModelServer()
  client = new ModelClient(server.url)
})

afterAll(() => server.stop())

describe('a logo drawn for a prompt', () => {
  test('is a PNG of 1024 by 1024 pixels without transparency', async () => {
    const { type, bytes } = await client.draw('Logo: a fox. Theme: warm')
    expect(type).toBe('image/png')
    const { width, height, format, hasAlpha } = await sharp(bytes).metadata()
    expect({ width, height, format, hasAlpha }).toEqual({
      width: 1024,
      height: 1024,
      format: 'png',
      hasAlpha: false,
    })
  })

  test('has the size that is asked for', async () => {
    const { bytes } = await client.draw('a sailboat at sunset', { width: 640, height: 320 })
    const { width, height } = await sharp(bytes).metadata()
    expect([width, height]).toEqual([640, 320])
  })

  test('is the same, byte by byte, for the same words and seed', async () => {
    const [one, other, punctuated] = await Promise.all([
      client.draw('Logo: owl bookstore. Theme: autumn', { seed: 7 }),
      client.draw('Logo: owl bookstore. Theme: autumn', { seed: 7 }),
      client.draw('LOGO: Owl, bookstore! THEME: Autumn', { seed: 7 }),
    ])
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0)
    expect(Buffer.compare(one.bytes, punctuated.bytes)).toBe(0)
  })

  test('is plainly another one for another subject', async () => {
    const prompts = ['a mountain', 'a coffee cup', 'a rocket', 'an octopus', 'Zephyr', 'Quantrix']
    const pictures = await Promise.all(
      prompts.map((prompt) => client.draw(prompt, { width: 256, height: 256 })),
    )
    for (const [i, one] of pictures.entries()) {
      for (const other of pictures.slice(i + 1)) {
        expect(await meanDifference(one.bytes, other.bytes)).toBeGreaterThan(6)
      }
    }
  })

  test.each(['a fox', 'a mountain with a rising sun', 'Zephyr'])(
    'varies with the seed: %s',
    async (prompt) => {
      const pictures = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((seed) => client.draw(prompt, { seed, width: 256, height: 256 })),
      )
      for (const [i, one] of pictures.entries()) {
        for (const other of pictures.slice(i + 1)) {
          expect(await meanDifference(one.bytes, other.bytes)).toBeGreaterThan(1)
        }
      }
    },
  )

  test('lies on a dark ground when the prompt says dark, and on a light one otherwise', async () => {
    const [dark, light] = await Promise.all([
      client.draw('Logo: rocket. Theme: dark neon'),
      client.draw('Logo: rocket. Theme: friendly'),
    ])
    expect(Math.max(...(await pixelAt(dark.bytes, 4, 4)))).toBeLessThan(60)
    expect(Math.min(...(await pixelAt(light.bytes, 4, 4)))).toBeGreaterThan(215)
  })

  test('has the colour that the prompt names', async () => {
    const { bytes } = await client.draw('Logo: minimal heart. Theme: green', { width: 256, height: 256 })
    const { dominant } = await sharp(
      await sharp(bytes).extract({ left: 96, top: 96, width: 64, height: 64 }).toBuffer(),
    ).stats()
    expect(dominant.g).toBeGreaterThan(dominant.r + 20)
    expect(dominant.g).toBeGreaterThan(dominant.b + 20)
  })

  test('is drawn for words of any script', async () => {
    for (const prompt of ['Логотип', '山と海', '🦊', '...', '<svg onload="x">&amp;"', 'a'.repeat(9000)]) {
      const { bytes } = await client.draw(prompt, { width: 128, height: 128 })
      const { width } = await sharp(bytes).metadata()
      expect(width).toBe(128)
    }
  })
})
