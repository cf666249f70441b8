import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import { IMAGE_LIMITS, OUTPUT_FORMAT } from '../../src/main/pool/image-settings.ts'
import { decodeImage } from '../../src/threads/codec/decode.ts'
import { encodeRaster } from '../../src/threads/codec/encode.ts'
import { applyLoaderPolicy } from '../../src/threads/codec/loader-policy.ts'
import type { PaletteColors, SharedImage } from '../../src/threads/protocol.ts'
import { analyseRegions } from '../../src/threads/recolour/region-analysis.ts'
import { OutputBuffer } from '../../src/threads/recolour/output-buffer.ts'
import { recolour } from '../../src/threads/recolour/variation.ts'
import { derivePalettes } from '../../src/threads/swatches/derived-palettes.ts'
import { findSwatches } from '../../src/threads/swatches/swatches.ts'

export const PHASES = ['decode', 'swatches', 'analysis', 'recolour', 'encode'] as const
export type Phase = (typeof PHASES)[number]

/** CPU milliseconds over all threads of the process, medians of the rounds. */
export type Measurement = {
  readonly name: string
  readonly sidePx: number
  readonly phasesMs: Readonly<Record<Phase, number>>
  readonly taskMs: number
  /** Decoding the image once and encoding the same seven results. */
  readonly floorMs: number
}

type Raster = Parameters<typeof encodeRaster>[0]

const PALETTES = new URL('../../test/fixtures/palettes.json', import.meta.url)

/** Measures every picture of a folder at every size, task and floor in turn. */
export async function measureAll(
  folder: string,
  sidesPx: readonly number[],
  rounds: number,
  say: (text: string) => void,
): Promise<Measurement[]> {
  applyLoaderPolicy()
  const palettes = JSON.parse(await readFile(PALETTES, 'utf8')) as { colors: PaletteColors }[]
  const files = (await readdir(folder)).filter((file) => file.endsWith('.png')).toSorted()
  const measurements: Measurement[] = []
  for (const sidePx of sidesPx) {
    for (const file of files) {
      const encoded = await sharp(await readFile(join(folder, file)))
        .resize(sidePx, sidePx, { fit: 'fill' })
        .png()
        .toBuffer()
      const name = basename(file, '.png')
      measurements.push(
        await measure(
          name,
          sidePx,
          encoded,
          palettes.map(({ colors }) => colors),
          rounds,
        ),
      )
      say(`${sidePx} px  ${name}\n`)
    }
  }
  return measurements
}

async function measure(
  name: string,
  sidePx: number,
  encoded: Buffer,
  palettes: readonly PaletteColors[],
  rounds: number,
): Promise<Measurement> {
  const phases: Record<Phase, number[]> = { decode: [], swatches: [], analysis: [], recolour: [], encode: [] }
  const floors: number[] = []
  // As a thread does it: one buffer for all results.
  const buffer = new OutputBuffer()
  // One round more than counts: the first compiles the code.
  for (let round = 0; round <= rounds; round++) {
    const times = new Map<Phase, number>()
    const timed = async <T>(phase: Phase, work: () => T | Promise<T>): Promise<T> => {
      const { value, cpuMs } = await cpuTimeOf(work)
      times.set(phase, (times.get(phase) ?? 0) + cpuMs)
      return value
    }
    const image = await timed('decode', () => decodeImage(encoded, IMAGE_LIMITS))
    await timed('swatches', async () => derivePalettes(await findSwatches(image)))
    const regions = await timed('analysis', () => analyseRegions(image))
    const results: Raster[] = []
    for (const colors of palettes) {
      const target = buffer.take(image.pixels.byteLength)
      const result = await timed('recolour', () => recolour(image, regions, colors, 1, target))
      await timed('encode', () => encodeRaster(result, OUTPUT_FORMAT))
      results.push({ ...result, pixels: result.pixels.slice() })
    }
    const floor = await cpuTimeOf(() => codecFloor(encoded, image, results))
    if (round === 0) continue
    for (const phase of PHASES) phases[phase].push(times.get(phase) ?? 0)
    floors.push(floor.cpuMs)
  }
  const phasesMs = Object.fromEntries(PHASES.map((phase) => [phase, median(phases[phase])])) as Record<
    Phase,
    number
  >
  const taskMs = median(floors.map((_, i) => PHASES.reduce((sum, phase) => sum + (phases[phase][i] ?? 0), 0)))
  return { name, sidePx, phasesMs, taskMs, floorMs: median(floors) }
}

/** What no worker can do without, straight on sharp. */
async function codecFloor(encoded: Buffer, image: SharedImage, results: readonly Raster[]): Promise<void> {
  await sharp(encoded).raw().toBuffer()
  const { width, height, channels } = image
  for (const { pixels } of results) {
    await sharp(pixels, { raw: { width, height, channels } })
      .png({ compressionLevel: OUTPUT_FORMAT.type === 'png' ? OUTPUT_FORMAT.compressionLevel : 6 })
      .toBuffer()
  }
}

async function cpuTimeOf<T>(work: () => T | Promise<T>): Promise<{ value: T; cpuMs: number }> {
  const before = process.cpuUsage()
  const value = await work()
  const { user, system } = process.cpuUsage(before)
  return { value, cpuMs: (user + system) / 1_000 }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
