/**
 * A process of its own that does image work as a thread does it, on a square picture of a given side, and tells
 * its parent how much memory it has after each step. Needs --expose-gc.
 */
import { existsSync, readFileSync } from 'node:fs'
import sharp from 'sharp'
import { IMAGE_LIMITS } from '../../../src/main/pool/image-settings.ts'
import type {
  JobInput,
  JobName,
  JobOutput,
  JobRequest,
  JobResult,
  OutputFormat,
  SharedImage,
} from '../../../src/threads/protocol.ts'
import { pixelKernel } from '../../../src/threads/kernel.ts'
import { runJob } from '../../../src/threads/worker.ts'
import { OCEAN } from '../picture.ts'
import type { MemoryReport, MemoryStep, MemoryUse, MemoryWork } from './memory-report.ts'

const PNG: OutputFormat = { type: 'png', compressionLevel: 4 }
const WEBP: OutputFormat = { type: 'webp', quality: 90, effort: 0 }
/** Work on a picture of this side loads all code and makes all tables before anything is measured. */
const WARM_UP_SIDE_PX = 256
const STATUS = '/proc/self/status'

const [work, side, parts] = process.argv.slice(2)
const sidePx = Number(side)
const channels = parts === '4' ? 4 : 3

async function run<N extends JobName>(job: N, input: JobInput<N>): Promise<JobOutput<N>> {
  const result = (await runJob({ job, input } as JobRequest)) as JobResult<N>
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`)
  return result.output
}

/** A shaded subject on a slightly noisy ground: every pixel has to be looked at. */
function shadedPicture(side: number): SharedImage {
  const pixels = new Uint8Array(new SharedArrayBuffer(side * side * channels))
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += channels) {
      const noise = Math.imul(x * 7919 + y * 104_729 + 1, 0x9e3779b1) >>> 30
      const inside = Math.hypot(x / side - 0.5, y / side - 0.5) < 0.4
      pixels[at] = inside ? 250 - (60 * y) / side + noise : 230 + noise
      pixels[at + 1] = inside ? 80 + (120 * x) / side : 240
      pixels[at + 2] = inside ? 60 + (40 * y) / side : 238 + noise
      if (channels === 4) pixels[at + 3] = inside ? 255 : 0
    }
  }
  return { width: side, height: side, channels, pixels }
}

/** A file that is all there is of the picture in it. */
function encodedPicture(side: number, format: 'png' | 'webp'): Promise<Uint8Array> {
  const background = { r: 20, g: 60, b: 200, alpha: 0.5 }
  return sharp({ create: { width: side, height: side, channels, background } })
    .toFormat(format)
    .toBuffer()
}

/** What is used now: buffers with the kernel's memory, which Node.js does not count, and the most memory that the process has ever had resident. */
function memoryUse(): MemoryUse {
  const resident = existsSync(STATUS) ? /VmHWM:\s+(\d+) kB/.exec(readFileSync(STATUS, 'latin1')) : null
  const peakKib = resident ? Number(resident[1]) : process.resourceUsage().maxRSS
  const bufferBytes = process.memoryUsage().arrayBuffers + pixelKernel().memory.buffer.byteLength
  return { bufferBytes, peakBytes: peakKib * 1024 }
}

/** Buffers are let go of by a thread of the collector, the last of one collection at the latest with the next. */
async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise(setImmediate)
  }
}

type Take = (step: MemoryStep) => void

/** A PNG is read by the thread itself, a WebP by libvips. */
const preparing = (format: 'png' | 'webp') => async (side: number, take: Take) => {
  const encoded = await encodedPicture(side, format)
  take('file')
  const prepared = await run('prepareImage', { encoded, limits: IMAGE_LIMITS, format: PNG })
  await collect()
  take('prepared')
  return prepared
}

/** Each step holds more than all before it, so that the peak is that of the step. */
async function recolour(side: number, take: Take): Promise<void> {
  const image = shadedPicture(side)
  take('image')
  const { regions } = await run('analyseImage', { image })
  take('analysis')
  for (const format of [PNG, WEBP]) {
    await collect()
    await run('createVariation', { image, regions, colors: OCEAN, strength: 1, format })
    take(format.type)
  }
}

/** As it is done where all variations are PNG files of full strength. */
async function outline(side: number, take: Take): Promise<void> {
  const image = shadedPicture(side)
  take('image')
  const variations = { strength: 1, format: PNG }
  const { regions } = await run('analyseImage', { image, variations })
  await collect()
  take('outlined')
  await run('createVariation', { image, regions, colors: OCEAN, ...variations })
  take('outlinedPng')
}

const report: MemoryReport = {}
const measure = { preparePng: preparing('png'), prepareWebp: preparing('webp'), recolour, outline }[
  work as MemoryWork
]
await measure(WARM_UP_SIDE_PX, () => undefined)
await collect()
await measure(sidePx, (step) => (report[step] = memoryUse()))
process.send?.(report)
