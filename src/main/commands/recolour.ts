import { basename, extname, join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { OutputFormat } from '../../threads/protocol.ts'
import { loadConfig } from '../config/config.ts'
import { outputFormat, type ImageSettings } from '../pool/image-settings.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { withThreads } from './image-files.ts'
import { readPalettes } from './palette-file.ts'
import { recolourFiles, variationFiles, type Target } from './recoloured-files.ts'

type Options = {
  palettes: string
  out: string
  format?: OutputFormat['type']
  strength?: number
  effort?: number
  names?: boolean
}

const MAX_EFFORT: Readonly<Record<OutputFormat['type'], number>> = { png: 9, webp: 6 }

export function recolourCommand(): Command {
  return new Command('recolour')
    .usage('<images...> --palettes <file> --out <folder> [options]')
    .description('recolour image files, without a database: NAME-0, NAME-1, … for each palette, in its order')
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
    .option('--names', "print the name of a file's palette after it and a tab")
    .addHelpText('after', HELP)
    .action(recolour)
}

const HELP = `
The palettes are a list; the five colours are primary, secondary, accent,
background and highlight:
  [{ "name": "Ocean",
     "colors": ["#0B3C5D", "#328CC1", "#D9B310", "#F7F9FB", "#1D2731"] }]
What "concept-worker palette IMAGE --json" prints will do as well: the palettes
that were derived from that image are taken. Of more than ten palettes the
numbers have two digits: NAME-00, NAME-01, …

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
  spareImages(targets, palettes.length, format)
  const strengthOfAll = options.strength ?? settings.recolourStrength
  const variations = { palettes, format, strength: strengthOfAll }
  await withThreads((threads) => recolourFiles(targets, variations, options.names ?? false, threads))
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

function targetsOf(images: readonly string[], folder: string): Target[] {
  const names = images.map((path) => basename(path, extname(path)))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new CommandError(
      `two images are named ${twice}: their variations would overwrite each other`,
      EXIT.usage,
    )
  }
  return images.map((image, i) => ({ image, variations: join(folder, names[i] ?? '') }))
}

/** A variation of one image must not take the place of another image. */
function spareImages(targets: readonly Target[], count: number, format: OutputFormat): void {
  const given = new Set(targets.map(({ image }) => resolve(image)))
  for (const { image, variations } of targets) {
    for (const file of variationFiles(variations, count, format)) {
      if (!given.has(resolve(file))) continue
      throw new CommandError(`a variation of ${image} would overwrite the image ${file}`, EXIT.usage)
    }
  }
}
