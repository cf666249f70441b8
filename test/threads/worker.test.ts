import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { Piscina } from 'piscina'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  PROGRESS,
  type EncodedImage,
  type JobInput,
  type JobName,
  type JobOutput,
  type JobRequest,
  type JobResult,
  type OutputFormat,
} from '../../src/threads/protocol.ts'
import { runJob } from '../../src/threads/worker.ts'
import { NIGHT, OCEAN, readFixture } from './picture.ts'
import { anyPalette, anyPicture } from './recolour/any-picture.ts'

const LIMITS = { maxPixels: 32_000_000, maxSidePixels: 8192 }
const PNG: OutputFormat = { type: 'png', compressionLevel: 4 }
const WEBP: OutputFormat = { type: 'webp', quality: 90, effort: 0 }

let pool: Piscina

beforeAll(() => {
  pool = new Piscina({
    filename: new URL('../../src/threads/worker.ts', import.meta.url).href,
    execArgv: ['--import', 'tsx'],
    minThreads: 2,
    maxThreads: 2,
  })
})

afterAll(() => pool.destroy())

/** Does a job in a thread of the pool. */
async function run<N extends JobName>(job: N, input: JobInput<N>): Promise<JobOutput<N>> {
  return outputOf<N>(await answerTo(job, input))
}

async function answerTo<N extends JobName>(job: N, input: JobInput<N>): Promise<JobResult> {
  return (await answersTo([{ job, input } as JobRequest]))[0]!
}

function answersTo(requests: readonly JobRequest[], progress = newProgress()): Promise<readonly JobResult[]> {
  return pool.run({ requests, progress }) as Promise<readonly JobResult[]>
}

function newProgress(): BigInt64Array {
  return new BigInt64Array(new SharedArrayBuffer(PROGRESS.length * BigInt64Array.BYTES_PER_ELEMENT))
}

/** Does a job in the thread that the test runs in. */
async function runHere<N extends JobName>(job: N, input: JobInput<N>): Promise<JobOutput<N>> {
  return outputOf<N>(await runJob({ job, input } as JobRequest))
}

function outputOf<N extends JobName>(result: JobResult): JobOutput<N> {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`)
  expect(result.runMs).toBeGreaterThan(0)
  return result.output
}

const prepare = (encoded: Uint8Array, format: OutputFormat = PNG) =>
  run('prepareImage', { encoded, limits: LIMITS, format })

const digest = ({ bytes }: EncodedImage) => createHash('sha256').update(bytes).digest('hex')

describe('in threads of a pool', () => {
  test('an image is prepared, analysed and recoloured', async () => {
    const { image, encoded } = await prepare(readFixture('logo-bazel-icon.png'))
    expect(image).toMatchObject({ width: 1024, height: 1024, channels: 3 })
    const again = await sharp(encoded.bytes).raw().toBuffer()
    expect(Buffer.compare(again, image.pixels!)).toBe(0)

    const { swatches, derivedPalettes, regions } = await run('analyseImage', { image })
    expect(swatches.length).toBeGreaterThan(1)
    expect(derivedPalettes).toHaveLength(15)

    const variation = await run('createVariation', {
      image,
      regions,
      colors: NIGHT,
      strength: 1,
      format: PNG,
    })
    const { data, info } = await sharp(variation.bytes).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 1024, height: 1024, channels: 3 })
    expect(data.subarray(0, 3).toString('hex')).toBe(NIGHT[3].slice(1).toLowerCase())
  })

  test.runIf(process.platform === 'linux')(
    'the threads let the main thread and other processes go first',
    async () => {
      await prepare(readFixture('logo-d3.png'))
      const threads = await readdir('/proc/self/task')
      const stats = await Promise.all(threads.map((id) => readFile(`/proc/self/task/${id}/stat`, 'latin1')))
      // Behind the name, which may hold anything, niceness is the seventeenth.
      const niceness = stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]))
      const usual = Math.min(...niceness)
      expect(niceness.filter((each) => each > usual).length).toBeGreaterThanOrEqual(2)
      expect(usual).toBe(
        Number((await readFile('/proc/self/stat', 'latin1')).split(') ').at(-1)!.split(' ')[16]),
      )
    },
  )

  test('files belong to the receiver and pixels are shared, so nothing was copied on the way', async () => {
    const { image, encoded } = await prepare(readFixture('logo-d3.png'))
    expect(image.pixels?.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(encoded.bytes.buffer).toBeInstanceOf(ArrayBuffer)
    expect(encoded.bytes.buffer.byteLength).toBe(encoded.bytes.byteLength)
    // A byte written on this side is seen by the threads: they have the same memory.
    image.pixels?.fill(77)
    const { regions } = await run('analyseImage', { image })
    const copy = await run('createVariation', { image, regions, colors: OCEAN, strength: 0, format: PNG })
    expect((await sharp(copy.bytes).stats()).channels.every(({ min, max }) => min === 77 && max === 77)).toBe(
      true,
    )
  })

  test('an image is shrunk and comes back as a file of its own', async () => {
    const encoded = readFixture('logo-bazel-icon.png')
    const shrunk = await run('shrinkImage', { encoded, limits: LIMITS, maxSidePx: 300, format: PNG })
    expect(shrunk).toMatchObject({ width: 300, height: 300, contentType: 'image/png' })
    expect(shrunk.bytes.buffer.byteLength).toBe(shrunk.bytes.byteLength)
    expect(await sharp(shrunk.bytes).metadata()).toMatchObject({ format: 'png', width: 300, height: 300 })
    const { encoded: whole } = await prepare(encoded)
    const kept = await run('shrinkImage', { encoded, limits: LIMITS, maxSidePx: 1024, format: PNG })
    expect(digest(kept)).toBe(digest(whole))
  })

  test('every thread gives the same bytes for the same job', async () => {
    const { image } = await prepare(readFixture('emoji-1f525.png'))
    const kind = { strength: 1, format: PNG }
    const analyse = () => run('analyseImage', { image, variations: kind })
    const analyses = await Promise.all([analyse(), analyse()])
    const variations = await Promise.all(
      [...analyses, ...analyses].map(({ regions }) =>
        run('createVariation', { image, regions, colors: OCEAN, ...kind }),
      ),
    )
    expect(new Set(variations.map(digest)).size).toBe(1)
  })

  test('a thread of the pool gives what the main thread gives, for every picture and every palette', async () => {
    const job = { strength: 1, format: PNG }
    await fc.assert(
      fc.asyncProperty(anyPicture, anyPalette, async (image, colors) => {
        const analysis = await run('analyseImage', { image, variations: job })
        const { regions } = analysis
        expect(await runHere('analyseImage', { image, variations: job })).toEqual(analysis)
        const variation = await run('createVariation', { image, regions, colors, ...job })
        expect(await runHere('createVariation', { image, regions, colors, ...job })).toEqual(variation)
      }),
      { numRuns: 30 },
    )
  })

  test('an image that is analysed as it is decoded has the same variations, mostly without keeping its pixels', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPicture,
        anyPalette,
        fc.constantFrom(0, 0.5, 1),
        async (picture, colors, strength) => {
          const { width, height, channels, pixels } = picture
          const encoded = await sharp(pixels, { raw: { width, height, channels } }).png().toBuffer()
          const { image } = await prepare(encoded)
          const variations = { strength, format: PNG }
          const { regions } = await run('analyseImage', { image, variations })
          const input = { encoded, limits: LIMITS, format: PNG, analyse: { strength } }
          const prepared = await run('prepareImage', input)
          expect(prepared.analysis?.value.regions).toEqual(regions)
          expect(prepared.image.pixels === null).toBe(image.channels === 3 && strength === 1)

          const wanted = { colors, ...variations }
          const variation = await run('createVariation', { image, regions, ...wanted })
          expect(await run('createVariation', { image: prepared.image, regions, ...wanted })).toEqual(
            variation,
          )
        },
      ),
      { numRuns: 30 },
    )
  })

  test('a variation that needs pixels which were not kept fails', async () => {
    const analyse = { strength: 1 }
    const input = { encoded: readFixture('logo-d3.png'), limits: LIMITS, format: PNG, analyse }
    const { image, analysis } = await run('prepareImage', input)
    const { regions } = analysis!.value
    const weaker = { image, regions, colors: OCEAN, strength: 0.5, format: PNG }
    expect(await answerTo('createVariation', weaker)).toMatchObject({ ok: false, code: 'image_failed' })
  })

  test('WebP comes out where it is asked for', async () => {
    const { encoded } = await prepare(readFixture('logo-d3.png'), WEBP)
    expect(encoded.contentType).toBe('image/webp')
    expect((await sharp(encoded.bytes).metadata()).format).toBe('webp')
  })

  test('transparency survives the whole way', async () => {
    const disc = Buffer.from(
      Array.from({ length: 64 * 64 }, (_, i) => {
        const distance = Math.hypot((i % 64) - 32, (i >> 6) - 32)
        return [200, 40, 60, Math.round(255 * Math.min(1, Math.max(0, 24.5 - distance)))]
      }).flat(),
    )
    const source = await sharp(disc, { raw: { width: 64, height: 64, channels: 4 } })
      .png()
      .toBuffer()
    const { image } = await prepare(source)
    expect(image.channels).toBe(4)
    const { regions } = await run('analyseImage', { image })
    const { bytes } = await run('createVariation', {
      image,
      regions,
      colors: OCEAN,
      strength: 1,
      format: PNG,
    })
    const pixels = await sharp(bytes).raw().toBuffer()
    for (let at = 3; at < disc.length; at += 4) expect(pixels[at]).toBe(disc[at])
    expect([...pixels.subarray((32 * 64 + 32) * 4, (32 * 64 + 32) * 4 + 3)]).not.toEqual([200, 40, 60])
  })

  test('thumbnails and contact sheets are made of encoded files', async () => {
    const base = readFixture('logo-d3.png')
    const thumbnail = await run('createThumbnail', { encoded: base, sidePx: 96 })
    expect(thumbnail).toMatchObject({ width: 96, height: 96 })
    const sheet = await run('composeContactSheet', {
      rows: [
        {
          title: 'three letters',
          base,
          swatches: OCEAN,
          variations: [{ encoded: thumbnail.bytes, paletteName: 'Night', colors: NIGHT }],
        },
      ],
      cellPx: 96,
    })
    expect((await sharp(sheet.bytes).metadata()).width).toBe(sheet.width)
  })

  test('a refusal of a hostile image is an answer with a code and not a crash, and the thread goes on', async () => {
    const refuse = (encoded: Uint8Array, limits = LIMITS) =>
      answerTo('prepareImage', { encoded, limits, format: PNG })
    const logo = readFixture('logo-d3.png')
    expect(await refuse(Buffer.from('<svg/>'))).toMatchObject({ ok: false, code: 'image_unsupported' })
    expect(await refuse(logo.subarray(0, 9000))).toMatchObject({ ok: false, code: 'image_undecodable' })
    expect(await refuse(logo, { maxPixels: 1000, maxSidePixels: 8192 })).toMatchObject({
      ok: false,
      code: 'image_too_large',
      message: 'the image must have at most 1000 pixels',
    })
    await expect(prepare(logo)).resolves.toMatchObject({ image: { width: 1024 } })
  })

  test('an unforeseen failure says nothing of its inside but to the log', async () => {
    expect(await answerTo('createThumbnail', { encoded: Buffer.from('x'), sidePx: 9 })).toMatchObject({
      ok: false,
      code: 'image_failed',
      message: 'the image could not be processed',
      unforeseen: expect.stringContaining('unsupported image format'),
    })
  })

  test('of several jobs each has an answer of its own, and the thread tells which it is at', async () => {
    const progress = newProgress()
    const thumbnail = (encoded: Uint8Array): JobRequest => ({
      job: 'createThumbnail',
      input: { encoded, sidePx: 16 },
    })
    const logo = readFixture('logo-d3.png')
    const answers = await answersTo([logo, Buffer.from('x'), logo].map(thumbnail), progress)
    expect(answers).toMatchObject([{ ok: true }, { ok: false, code: 'image_failed' }, { ok: true }])
    expect(progress[PROGRESS.jobAt]).toBe(2n)
    expect(progress[PROGRESS.begunAtNs]).toBeLessThan(process.hrtime.bigint())
    expect(progress[PROGRESS.begunAtNs]).toBeGreaterThan(0n)
  })
})
