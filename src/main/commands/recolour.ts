import { setMaxListeners } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { OutputFormat, PaletteColors } from '../../threads/protocol.ts'
import { loadConfig } from '../config/config.ts'
import { outputFormat, type ImageSettings } from '../pool/image-settings.ts'
import type { ThreadPool } from '../pool/thread-pool.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { imageErrors, openImage, withThreads } from './image-files.ts'
import { readPalettes } from './palette-file.ts'

type Options = {
  palettes: string
  out: string
  format?: OutputFormat['type']
  strength?: number
  effort?: number
}

/** What every variation is made with. */
type VariationSettings = {
  readonly palettes: readonly PaletteColors[]
  readonly strength: number
  readonly format: OutputFormat
}

const MAX_EFFORT: Readonly<Record<OutputFormat['type'], number>> = { png: 9, webp: 6 }

export function recolourCommand(): Command {
  return new Command('recolour')
    .usage('<images...> --palettes <file> --out <folder> [options]')
    .description('recolour image files, without a database: NAME-0, NAME-1, … for each palette')
    .argument('<images...>', 'PNG, JPEG or WebP files')
    .requiredOption('--palettes <file>', 'palettes as JSON, see below')
    .requiredOption('--out <folder>', 'where the variations go; made where it is missing')
    .addOption(new Option('--format <type>', 'of the files, and their extension').choices(['png', 'webp']))
    .option('--strength <number>', 'of the recolouring: from 0, untouched, to 1, in full', strength)
    .option(
      '--effort <number>',
      'of the encoder: from 0, fast, to 9 for PNG and 6 for WebP, small',
      wholeNumber,
    )
    .addHelpText('after', HELP)
    .action(recolour)
}

const HELP = `
The palettes are a list; the five colours are primary, secondary, accent,
background and highlight:
  [{ "name": "Ocean",
     "colors": ["#0B3C5D", "#328CC1", "#D9B310", "#F7F9FB", "#1D2731"] }]

An option that is not given is what the environment says for the worker:
IMAGE_FORMAT, RECOLOUR_STRENGTH, PNG_COMPRESSION_LEVEL or WEBP_EFFORT. The
quality of WebP is WEBP_QUALITY. "concept-worker config" shows them all.`

function strength(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('expected a number from 0 to 1')
  }
  return value
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

async function recolour(images: readonly string[], options: Options): Promise<void> {
  const settings = loadConfig(process.env).images
  const format = formatOf(options, settings)
  const targets = targetsOf(images, options.out)
  const palettes = await readPalettes(options.palettes)
  spareImages(images, targets, palettes.length, format)
  const variation = { palettes, format, strength: options.strength ?? settings.recolourStrength }
  await mkdir(options.out, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      `${options.out}: cannot be made a folder (${error.code ?? 'unknown'})`,
      EXIT.dataError,
    )
  })
  await withThreads(async (threads) => {
    // A few at a time keep every thread busy; all at once would hold every image in memory.
    const queue = [...targets]
    const abort = new AbortController()
    // Every queued job listens.
    setMaxListeners(0, abort.signal)
    const worker = async () => {
      for (let next = queue.shift(); next && !abort.signal.aborted; next = queue.shift()) {
        const [path, target] = next
        await recolourOne(path, target, variation, threads, abort.signal)
      }
    }
    try {
      await Promise.all(Array.from({ length: threads.threads }, worker))
    } catch (error) {
      abort.abort(error)
      throw error
    }
  })
}

function formatOf({ format, effort }: Options, settings: ImageSettings): OutputFormat {
  const type = format ?? settings.format
  if (effort === undefined) return outputFormat({ ...settings, format: type })
  if (effort > MAX_EFFORT[type]) {
    throw new CommandError(
      `--effort: expected a whole number from 0 to ${MAX_EFFORT[type]} for ${type}`,
      EXIT.usage,
    )
  }
  return outputFormat({ ...settings, format: type, pngCompressionLevel: effort, webpEffort: effort })
}

/** Each image with the path of its variations, but for number and extension. */
function targetsOf(images: readonly string[], folder: string): [path: string, target: string][] {
  const names = images.map((path) => basename(path, extname(path)))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new CommandError(
      `two images are named ${twice}: their variations would overwrite each other`,
      EXIT.usage,
    )
  }
  return images.map((path, i) => [path, join(folder, names[i] ?? '')])
}

const fileOf = (target: string, number: number, { type }: OutputFormat) => `${target}-${number}.${type}`

/** A variation of one image must not take the place of another image. */
function spareImages(
  images: readonly string[],
  targets: readonly [string, string][],
  count: number,
  format: OutputFormat,
): void {
  const given = new Set(images.map((path) => resolve(path)))
  for (const [path, target] of targets) {
    for (let number = 0; number < count; number++) {
      const file = fileOf(target, number, format)
      if (!given.has(resolve(file))) continue
      throw new CommandError(`a variation of ${path} would overwrite the image ${file}`, EXIT.usage)
    }
  }
}

async function recolourOne(
  path: string,
  target: string,
  { palettes, strength: strengthOfAll, format }: VariationSettings,
  threads: ThreadPool,
  signal: AbortSignal,
): Promise<void> {
  const image = await openImage(path, threads, signal)
  await imageErrors(path, async () => {
    const { value: analysis } = await threads.run('analyseImage', { image }, signal)
    await Promise.all(
      palettes.map(async (colors, i) => {
        const { value } = await threads.run(
          'createVariation',
          { image, regions: analysis.regions, colors, strength: strengthOfAll, format },
          signal,
        )
        const file = fileOf(target, i, format)
        await writeFile(file, value.bytes).catch((error: NodeJS.ErrnoException) => {
          throw new CommandError(`${file}: cannot be written (${error.code ?? 'unknown'})`, EXIT.dataError)
        })
        process.stdout.write(`${file}\n`)
      }),
    )
  })
}
