import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../../../src/main/pool/image-settings.ts'
import { ThreadPool } from '../../../src/main/pool/thread-pool.ts'
import { NIGHT, OCEAN, readFixture } from '../../threads/picture.ts'

const PICTURES = readdirSync(join(import.meta.dirname, '../../fixtures/images')).filter((name) =>
  name.endsWith('.png'),
)
const { signal } = new AbortController()

/** Has one thread, which does all that a task asks for. */
let analysing: ThreadPool
/** Has one thread, which gets variations alone, of pictures that another has analysed. */
let recolouring: ThreadPool

beforeAll(() => {
  const options = { minThreads: 1, maxThreads: 1, jobTimeoutMs: 3_600_000 }
  analysing = new ThreadPool(options)
  recolouring = new ThreadPool(options)
})

afterAll(() => Promise.all([analysing.stop(), recolouring.stop()]))

describe('a variation', () => {
  it.each(PICTURES)(
    'of %s is the same from the thread that has analysed the picture and from one that never analysed any',
    async (name) => {
      const decoding = { encoded: readFixture(name), limits: IMAGE_LIMITS, format: OUTPUT_FORMAT }
      const prepared = await analysing.run('prepareImage', { ...decoding, analyse: { strength: 1 } }, signal)
      const { image, analysis } = prepared.value
      const { regions } = analysis!.value
      for (const colors of [OCEAN, NIGHT]) {
        const input = { image, regions, colors, strength: 1, format: OUTPUT_FORMAT }
        const [here, there] = await Promise.all(
          [analysing, recolouring].map((pool) => pool.run('createVariation', input, signal)),
        )
        expect(Buffer.compare(here!.value.bytes, there!.value.bytes)).toBe(0)
      }
    },
  )
})
