import { setMaxListeners } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { HexColor, PaletteColors } from '../../threads/protocol.ts'
import { OUTPUT_FORMAT } from '../pool/image-settings.ts'
import type { ThreadPool } from '../pool/thread-pool.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { imageErrors, openImage, withThreads } from './image-files.ts'

const paletteFile = z
  .array(
    z.object({
      name: z.string({ error: 'expected text' }),
      colors: z
        .array(z.string().regex(/^#[0-9a-fA-F]{6}$/, { error: 'expected a colour as #RRGGBB' }), {
          error: 'expected a list of five colours',
        })
        .length(5, { error: 'expected five colours: primary, secondary, accent, background, highlight' }),
    }),
    { error: 'expected a list of { "name", "colors": ["#RRGGBB", five of them] }' },
  )
  .min(1, { error: 'expected at least one palette' })

type Options = { palettes: string; out: string; strength: number }

export function recolourCommand(): Command {
  return new Command('recolour')
    .description('recolour image files, without a database: NAME-0.png, NAME-1.png, … for each palette')
    .argument('<images...>', 'PNG, JPEG or WebP files')
    .requiredOption('--palettes <file>', 'JSON: [{ "name", "colors": ["#RRGGBB", five of them] }]')
    .requiredOption('--out <folder>', 'where the variations go; made where it is missing')
    .option('--strength <number>', 'from 0 (untouched) to 1 (full)', strength, 1)
    .action(recolour)
}

function strength(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('expected a number from 0 to 1')
  }
  return value
}

async function recolour(images: readonly string[], options: Options): Promise<void> {
  const names = images.map((path) => basename(path, extname(path)))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new CommandError(
      `two images are named ${twice}: their variations would overwrite each other`,
      EXIT.usage,
    )
  }
  const palettes = await readPalettes(options.palettes)
  await mkdir(options.out, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      `${options.out}: cannot be made a folder (${error.code ?? 'unknown'})`,
      EXIT.dataError,
    )
  })
  await withThreads(async (threads) => {
    // A few at a time keep every thread busy; all at once would hold every image in memory.
    const queue = [...images.entries()]
    const abort = new AbortController()
    // Every queued job listens.
    setMaxListeners(0, abort.signal)
    const worker = async () => {
      for (let next = queue.shift(); next && !abort.signal.aborted; next = queue.shift()) {
        const [i, path] = next
        const folder = options.out
        await recolourOne(path, `${folder}/${names[i]}`, palettes, options.strength, threads, abort.signal)
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

async function recolourOne(
  path: string,
  target: string,
  palettes: readonly PaletteColors[],
  strengthOfAll: number,
  threads: ThreadPool,
  signal: AbortSignal,
): Promise<void> {
  const { image } = await openImage(path, threads, signal)
  await imageErrors(path, async () => {
    const { value: analysis } = await threads.run('analyseImage', { image }, signal)
    await Promise.all(
      palettes.map(async (colors, i) => {
        const { value } = await threads.run(
          'createVariation',
          { image, regions: analysis.regions, colors, strength: strengthOfAll, format: OUTPUT_FORMAT },
          signal,
        )
        const file = join(`${target}-${i}.png`)
        await writeFile(file, value.bytes)
        process.stdout.write(`${file}\n`)
      }),
    )
  })
}

async function readPalettes(path: string): Promise<PaletteColors[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${path}: cannot be read (${error.code ?? 'unknown'})`, EXIT.dataError)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new CommandError(`${path}: expected JSON`, EXIT.dataError)
  }
  const parsed = paletteFile.safeParse(json)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${[`${path}:`, issue.path.join('.')].filter(Boolean).join(' ')} ${issue.message}`,
    )
    throw new CommandError(problems.join('\n'), EXIT.dataError)
  }
  return parsed.data.map(
    ({ colors }) => colors.map((color) => color.toUpperCase() as HexColor) as unknown as PaletteColors,
  )
}
