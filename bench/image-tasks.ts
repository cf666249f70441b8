import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../src/main/pool/image-settings.ts'
import type { ThreadPool } from '../src/main/pool/thread-pool.ts'
import type { PaletteColors } from '../src/threads/protocol.ts'

/** The image work of one task; a real one recolours with seven palettes. */
export type ImageTask = (encoded: Uint8Array, palettes: readonly PaletteColors[]) => Promise<unknown>

const FULL_STRENGTH = 1

/** As the worker does it: decoded and analysed once, in one job, then all variations at once, with one share of the pool. */
export function onPool(pool: ThreadPool): ImageTask {
  return async (encoded, palettes) => {
    const { signal } = new AbortController()
    const share = pool.open()
    const terms = { share, cost: { jobMs: 0, taskMs: 0 }, memory: undefined }
    try {
      const preparing = {
        encoded,
        limits: IMAGE_LIMITS,
        format: OUTPUT_FORMAT,
        analyse: { strength: FULL_STRENGTH },
      }
      const { image, analysis } = (await pool.run('prepareImage', preparing, signal, terms)).value
      const { regions } = analysis!.value
      return await Promise.all(
        palettes.map((colors) => {
          const input = { image, regions, colors, strength: FULL_STRENGTH, format: OUTPUT_FORMAT }
          return pool.run('createVariation', input, signal, terms)
        }),
      )
    } finally {
      pool.close(share)
    }
  }
}

/** Keeps so many calls of `work` under way for as long as `isWanted` says, and waits for the last. */
export async function keepUnderWay(
  count: number,
  isWanted: () => boolean,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let begun = 0
  const line = async () => {
    while (isWanted()) await work(begun++)
  }
  await Promise.all(Array.from({ length: count }, line))
}
