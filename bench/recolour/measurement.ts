import sharp from 'sharp'
import { isAnalysedAtOnce } from '../../src/main/pool/image-cost.ts'
import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { decodeImage } from '../../src/threads/codec/decode.ts'
import { closeLoaders, limitCodecs } from '../../src/threads/codec/loader-policy.ts'
import { shareRaster, type Raster } from '../../src/threads/codec/raster.ts'
import type { PaletteColors } from '../../src/threads/protocol.ts'
import { analyseRegions } from '../../src/threads/recolour/region-analysis.ts'
import { encodeVariation } from '../../src/threads/recolour/encoded-variation.ts'
import { analysisFor } from '../../src/threads/recolour/file-outline.ts'
import { readsPixels, recolour } from '../../src/threads/recolour/variation.ts'
import { derivePalettes } from '../../src/threads/swatches/derived-palettes.ts'
import { findSwatches } from '../../src/threads/swatches/swatches.ts'
import { cpuTimeOf, median } from '../cpu-time.ts'
import { readPalettes, readPictures } from '../pictures.ts'

export const PHASES = ['decode', 'swatches', 'analysis', 'variations'] as const
export type Phase = (typeof PHASES)[number]

/** CPU milliseconds over all threads of the process, medians of the rounds. */
export type Measurement = {
  readonly name: string
  readonly sidePx: number
  readonly phasesMs: Readonly<Record<Phase, number>>
  readonly taskMs: number
  /** Decoding the image once and encoding the same seven results. */
  readonly floorMs: number
  /** Of all seven files, and of those of the floor. */
  readonly fileBytes: number
  readonly floorFileBytes: number
}

const VARIATIONS = { strength: 1, format: OUTPUT_FORMAT }
/** Rounds that do not count: they compile the code. */
const WARM_UP_ROUNDS = 3

/**
 * Measures every picture of a folder at every size, task and floor in turn. Every round goes through all pictures,
 * as a worker's tasks do, so that no picture profits from code that was compiled for it alone.
 */
export async function measureAll(
  folder: string,
  sidesPx: readonly number[],
  rounds: number,
  say: (text: string) => void,
): Promise<Measurement[]> {
  closeLoaders()
  limitCodecs()
  const palettes = await readPalettes()
  const measurements: Measurement[] = []
  for (const sidePx of sidesPx) {
    const pictures = (await readPictures(folder, sidePx)).map((picture) => ({
      ...picture,
      runs: [] as Run[],
    }))
    const measure = taskMeasure(palettes)
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (const { encoded, runs } of pictures) {
        const run = await measure(encoded)
        if (round >= 0) runs.push(run)
      }
      say(round < 0 ? `${sidePx} px  warming up\n` : `${sidePx} px  round ${round + 1} of ${rounds}\n`)
    }
    measurements.push(...pictures.map(({ name, runs }) => summarise(name, sidePx, runs)))
  }
  return measurements
}

/** CPU milliseconds of one task and of its floor. */
type Run = {
  readonly phasesMs: Readonly<Record<Phase, number>>
  readonly floorMs: number
  readonly fileBytes: number
  readonly floorFileBytes: number
}

function summarise(name: string, sidePx: number, runs: readonly Run[]): Measurement {
  const phasesMs = Object.fromEntries(
    PHASES.map((phase) => [phase, median(runs.map((run) => run.phasesMs[phase]))]),
  ) as Record<Phase, number>
  const taskMs = median(runs.map((run) => PHASES.reduce((sum, phase) => sum + run.phasesMs[phase], 0)))
  const floorMs = median(runs.map((run) => run.floorMs))
  const { fileBytes, floorFileBytes } = runs[0]!
  return { name, sidePx, phasesMs, taskMs, floorMs, fileBytes, floorFileBytes }
}

/** Measures one task after the other. */
function taskMeasure(palettes: readonly PaletteColors[]): (encoded: Buffer) => Promise<Run> {
  // What the floor encodes lies in memory of its own that is used again, so that no round pays for the garbage of another.
  const memory: Uint8Array<ArrayBuffer>[] = []
  return async (encoded) => {
    const phasesMs: Record<Phase, number> = { decode: 0, swatches: 0, analysis: 0, variations: 0 }
    const timed = async <T>(phase: Phase, work: () => T | Promise<T>): Promise<T> => {
      const { value, cpuMs } = await cpuTimeOf(work)
      phasesMs[phase] += cpuMs
      return value
    }
    const decoded = await timed('decode', () => decodeImage(encoded, IMAGE_LIMITS))
    const share = () => timed('decode', () => shareRaster(decoded))
    // Pixels are shared where another thread may be the one that analyses or recolours them.
    const isAtOnce = isAnalysedAtOnce(decoded.width * decoded.height)
    const image = isAtOnce ? decoded : await share()
    await timed('swatches', async () => derivePalettes(await findSwatches(image)))
    const whole = await timed('analysis', () => analyseRegions(image))
    const regions = await timed('analysis', () => analysisFor(image, whole, VARIATIONS))
    if (isAtOnce && readsPixels(image, regions, VARIATIONS.strength)) await share()
    const inHand = regions.outline ? { ...image, pixels: null } : shareRaster(image)
    let fileBytes = 0
    for (const colors of palettes) {
      const input = { image: inHand, regions, colors, ...VARIATIONS }
      const { bytes } = await timed('variations', () => encodeVariation(input))
      fileBytes += bytes.length
    }
    const results = palettes.map((colors, i) => {
      if (memory[i]?.length !== image.pixels.length) memory[i] = new Uint8Array(image.pixels.length)
      return recolour(image, whole, colors, VARIATIONS.strength, memory[i]).pixels
    })
    const floor = await cpuTimeOf(() => codecFloor(encoded, image, results))
    return { phasesMs, floorMs: floor.cpuMs, fileBytes, floorFileBytes: floor.value }
  }
}

/** What no worker can do without, straight on sharp; answers the bytes of all files. */
async function codecFloor(encoded: Buffer, image: Raster, results: readonly Uint8Array[]): Promise<number> {
  await sharp(encoded).raw().toBuffer()
  const { width, height, channels } = image
  let bytes = 0
  for (const pixels of results) {
    const file = await sharp(pixels, { raw: { width, height, channels } })
      .png({ compressionLevel: OUTPUT_FORMAT.type === 'png' ? OUTPUT_FORMAT.compressionLevel : 6 })
      .toBuffer()
    bytes += file.length
  }
  return bytes
}
