import { setMaxListeners } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { OutputFormat } from '../../threads/protocol.ts'
import type { ThreadPool } from '../pool/thread-pool.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { imageErrors, openImage } from './image-files.ts'
import type { NamedPalette } from './palette-file.ts'

/** An image file, and the path of its variations but for number and extension. */
export type Target = { readonly image: string; readonly variations: string }

/** What every variation is made with. */
export type VariationSettings = {
  readonly palettes: readonly NamedPalette[]
  readonly strength: number
  readonly format: OutputFormat
}

/** The files of an image, one for each palette; numbers are of one length, so that names sort in their order. */
export function variationFiles(variations: string, count: number, { type }: OutputFormat): string[] {
  const digits = String(count - 1).length
  return Array.from({ length: count }, (_, i) => `${variations}-${String(i).padStart(digits, '0')}.${type}`)
}

/**
 * Writes the variations of all images and prints their files, image by image in the order given, each with its palette's
 * name after a tab where these are asked for. An image that cannot be used stops no other one; at the end all that went
 * wrong is thrown as one CommandError.
 */
export async function recolourFiles(
  targets: readonly Target[],
  settings: VariationSettings,
  showNames: boolean,
  threads: ThreadPool,
): Promise<void> {
  const { signal } = new AbortController()
  // Every job listens to it.
  setMaxListeners(0, signal)
  const queue = [...targets.entries()]
  const outcomes = new Map<number, readonly string[] | CommandError>()
  const mistakes = new Set<string>()
  let told = 0
  // A name comes from elsewhere: it cannot drive the terminal, nor make two lines or columns of one.
  const names = settings.palettes.map(({ name }) => (showNames ? `\t${name.replace(/\p{Cc}/gu, ' ')}` : ''))
  const tellInOrder = () => {
    for (let next = outcomes.get(told); next; next = outcomes.get(++told)) {
      if (next instanceof CommandError) mistakes.add(next.message)
      else process.stdout.write(next.map((file, i) => `${file}${names[i]}\n`).join(''))
    }
  }
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [i, target] = next
      outcomes.set(i, await recolourFile(target, settings, threads, signal).catch(mistakeIn))
      tellInOrder()
    }
  }
  // A few at a time keep every thread busy; all at once would hold every image in memory.
  await Promise.all(Array.from({ length: threads.threads }, work))
  if (mistakes.size > 0) throw new CommandError([...mistakes].join('\n'), EXIT.dataError)
}

function mistakeIn(error: unknown): CommandError {
  if (error instanceof CommandError) return error
  throw error
}

/** Answers the files in the order of the palettes. */
async function recolourFile(
  { image: path, variations }: Target,
  { palettes, strength, format }: VariationSettings,
  threads: ThreadPool,
  signal: AbortSignal,
): Promise<string[]> {
  const image = await openImage(path, threads, signal)
  return imageErrors(path, async () => {
    const analysing = { image, variations: { strength, format } }
    const { value: analysis } = await threads.run('analyseImage', analysing, signal)
    const paths = variationFiles(variations, palettes.length, format)
    const files = palettes.map(async ({ colors }, i) => {
      const input = { image, regions: analysis.regions, colors, strength, format }
      const { value } = await threads.run('createVariation', input, signal)
      await write(paths[i]!, value.bytes)
    })
    const outcomes = await Promise.allSettled(files)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    return paths
  })
}

/** The folder is made for the first file, so that none is left where no image can be used. */
async function write(file: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${folder}: cannot be made a folder (${error.code ?? 'unknown'})`, EXIT.dataError)
  })
  await writeFile(file, bytes).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${file}: cannot be written (${error.code ?? 'unknown'})`, EXIT.dataError)
  })
}
