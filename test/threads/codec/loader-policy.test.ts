import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeLoaders, limitCodecs } from '../../../src/threads/codec/loader-policy.ts'

// The block holds for the whole process, so each kind of file is shown to be readable before and refused after.
const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
)
const files = new Map<string, Buffer>([['svg', SVG]])
let folder: string
let decodedBefore: string[]

const blank = () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#3264c8' } })
/** Which kinds a thread of its own can decode that has sharp and sets nothing up. */
function decodedInAnotherThread(): Promise<string[]> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const sharp = require('sharp')
     const decodes = ([, bytes]) => sharp(bytes).raw().toBuffer().then(() => true, () => false)
     Promise.all(workerData.map(decodes)).then((answers) => parentPort.postMessage(answers))`,
    { eval: true, workerData: [...files] },
  )
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (answers: boolean[]) => resolve([...files.keys()].filter((_, i) => answers[i])))
  })
}

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
  decodedBefore = await decodedInAnotherThread()
  closeLoaders()
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('hostile images: loaders that are closed for the whole process', () => {
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

  test('they are closed for every thread, also for one that began later and closed nothing itself', async () => {
    expect(decodedBefore).toEqual([...files.keys()])
    expect(await decodedInAnotherThread()).toEqual(['png', 'jpeg', 'webp'])
  })

  test('pictures that are being opened do not notice that they are closed once more', async () => {
    const pictures = Promise.all(Array.from({ length: 100 }, () => decode(files.get('png')!)))
    for (let again = 0; again < 20_000; again++) closeLoaders()
    await expect(pictures).resolves.toHaveLength(100)
  })

  test('raw pixels need no loader and still work', async () => {
    const png = await sharp(Buffer.alloc(48), { raw: { width: 4, height: 4, channels: 3 } })
      .png()
      .toBuffer()
    expect((await sharp(png).metadata()).width).toBe(4)
  })

  test('one libvips thread an image, and no cache', () => {
    // Each thread that loads sharp switches the cache on for all, until it sets itself up as ours do.
    limitCodecs()
    expect(sharp.concurrency()).toBe(1)
    expect(sharp.cache()).toMatchObject({ memory: { max: 0 }, files: { max: 0 }, items: { max: 0 } })
  })
})
