import { Piscina } from 'piscina'
import sharp from 'sharp'
import { OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { encodeRaster } from '../../src/threads/codec/encode.ts'
import { analyseRegions } from '../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../src/threads/recolour/variation.ts'
import { derivePalettes } from '../../src/threads/swatches/derived-palettes.ts'
import { findSwatches } from '../../src/threads/swatches/swatches.ts'
import type { ImageTask } from '../image-tasks.ts'
import { decodeWithSharp } from './sharp-decoding.ts'

/** All of it on the main thread, where sharp uses a thread for each core for one picture and does several at once. */
export function onMainThread(cores: number): ImageTask {
  sharp.concurrency(cores)
  return async (encoded, palettes) => {
    const image = await decodeWithSharp(encoded)
    await encodeRaster(image, OUTPUT_FORMAT)
    derivePalettes(await findSwatches(image))
    const regions = analyseRegions(image)
    return Promise.all(
      palettes.map((colors) => encodeRaster(recolour(image, regions, colors, 1), OUTPUT_FORMAT)),
    )
  }
}

/** A pool as it comes, with a job for each variation, which decodes for itself. */
export function onPlainPool(): { task: ImageTask; stop: () => Promise<void> } {
  const piscina = new Piscina({
    filename: new URL('plain-thread.ts', import.meta.url).href,
    execArgv: ['--import', 'tsx'],
  })
  return {
    task: (encoded, palettes) => Promise.all(palettes.map((colors) => piscina.run({ encoded, colors }))),
    stop: () => piscina.destroy(),
  }
}
