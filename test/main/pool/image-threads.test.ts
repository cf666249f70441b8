import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../../../src/main/pool/image-settings.ts'
import { ImageMemory } from '../../../src/main/pool/image-memory.ts'
import { ImageThreads } from '../../../src/main/pool/image-threads.ts'
import type { TaskUse } from '../../../src/main/pool/in-flight-target.ts'
import { ThreadPool } from '../../../src/main/pool/thread-pool.ts'
import type { TaskImages } from '../../../src/processors/services.ts'
import { OCEAN, readFixture } from '../../threads/picture.ts'

const MIB = 1024 * 1024
/** Enough for one large image and some small ones. */
const MEMORY_MIB = 400
const LOGO = readFixture('emoji-1f98a.png')

const { signal } = new AbortController()
let large: Uint8Array
let pool: ThreadPool
let memory: ImageMemory
let images: ImageThreads
let uses: TaskUse[]

beforeAll(async () => {
  pool = new ThreadPool({ minThreads: 1, maxThreads: 1, jobTimeoutMs: 3_600_000 })
  large = await sharp(LOGO).resize(4000, 4000, { fit: 'fill' }).flatten().png().toBuffer()
})

afterAll(() => pool.stop())

beforeEach(() => {
  uses = []
  memory = new ImageMemory(MEMORY_MIB * MIB, 1)
  images = imagesWith(memory)
})

function imagesWith(imageMemory: ImageMemory): ImageThreads {
  const options = { limits: IMAGE_LIMITS, format: OUTPUT_FORMAT, editInputSidePx: 1536, strength: 1 }
  return new ImageThreads(pool, imageMemory, options, (use) => uses.push(use))
}

async function makeVariations(task: TaskImages, encoded: Uint8Array, count: number): Promise<void> {
  const { value } = await task.prepareImage(encoded, false, signal)
  const { regions } = (await task.analyseImage(value.image, signal)).value
  const colors = Array.from({ length: count }, () => OCEAN)
  await Promise.all(colors.map((each) => task.createVariation(value.image, regions, each, signal)))
}

describe('tasks that share the image threads', () => {
  it('are finished beside a larger one that was there before', async () => {
    const finished: string[] = []
    const run = async (name: string, encoded: Uint8Array, count: number) => {
      const task = images.open()
      await makeVariations(task, encoded, count)
      task.close()
      finished.push(name)
    }
    const small = await sharp(LOGO).resize(64).png().toBuffer()
    await Promise.all([run('large', large, 60), run('small', small, 3), run('small', small, 3)])
    expect(finished).toEqual(['small', 'small', 'large'])
    expect(memory.usedBytes).toBe(0)
  })

  it('tell what they took when they end', async () => {
    const task = images.open()
    await makeVariations(task, LOGO, 1)
    task.close()
    expect(uses).toHaveLength(1)
    expect(uses[0]!.imageMs).toBeGreaterThan(0)
    expect(uses[0]!.meanBytes).toBeGreaterThan(0)
  })
})

describe('an image that is to be analysed', () => {
  const sizes = [
    { kind: 'an ordinary one', encoded: () => LOGO, isAnalysed: true },
    { kind: 'a large one, which would keep its thread for long', encoded: () => large, isAnalysed: false },
  ]

  it.each(sizes)('comes with its analysis or without: $kind', async ({ encoded, isAnalysed }) => {
    const task = images.open()
    const { value, runMs, restMs } = await task.prepareImage(encoded(), true, signal)
    expect(value.analysis !== null).toBe(isAnalysed)
    expect(runMs).toBeGreaterThan(0)
    expect(restMs).toBe(value.analysis?.runMs ?? 0)
    task.close()
  })

  it('has the same one then as when it is asked for it', async () => {
    const task = images.open()
    const { analysis } = (await task.prepareImage(LOGO, true, signal)).value
    const { image } = (await task.prepareImage(LOGO, false, signal)).value
    expect(analysis!.value).toEqual((await task.analyseImage(image, signal)).value)
    task.close()
  })
})

describe('an image that does not fit into memory beside others', () => {
  it('waits until there is room, and small ones do not wait for it', async () => {
    const [first, second, small] = [images.open(), images.open(), images.open()]
    await first.prepareImage(large, false, signal)
    let isDecoded = false
    const waiting = second.prepareImage(large, false, signal).then(() => (isDecoded = true))
    await small.prepareImage(LOGO, false, signal)
    expect(isDecoded).toBe(false)
    first.close()
    await waiting
    for (const task of [second, small]) task.close()
    expect(memory.usedBytes).toBe(0)
  })

  it('is let go of when its task is given up', async () => {
    const [first, second] = [images.open(), images.open()]
    await first.prepareImage(large, false, signal)
    const given = new AbortController()
    const waiting = second.prepareImage(large, false, given.signal)
    given.abort(new Error('the claim is lost'))
    await expect(waiting).rejects.toThrow('the claim is lost')
    for (const task of [first, second]) task.close()
    expect(memory.usedBytes).toBe(0)
  })

  it('fails its task when it never would', async () => {
    const task = imagesWith(new ImageMemory(32 * MIB, 1)).open()
    await expect(task.prepareImage(large, false, signal)).rejects.toMatchObject({
      category: 'invalid_image',
      message: expect.stringMatching(
        /^the image must fit into 32 MiB of memory; it may need \d+$/,
      ) as unknown,
    })
    task.close()
  })

  it('leaves nothing behind where it turns out to be damaged', async () => {
    const task = images.open()
    const damaged = LOGO.subarray(0, LOGO.length >> 1)
    await expect(task.prepareImage(damaged, false, signal)).rejects.toMatchObject({
      category: 'invalid_image',
    })
    await expect(task.shrinkOriginal(damaged, signal)).rejects.toMatchObject({ category: 'invalid_image' })
    expect(memory.usedBytes).toBe(0)
    task.close()
  })
})
