import { Command } from 'commander'
import { imageErrors, openImage, withThreads } from './image-files.ts'

const HELP = `
There is at most one swatch for each of node-vibrant's six classes (vibrant or
muted; dark, light or neither). Of several strong colours in one class only
one is a swatch: a logo of four can show two.`

export function paletteCommand(): Command {
  return new Command('palette')
    .description('print the swatches of an image')
    .argument('<image>', 'a PNG, JPEG or WebP file')
    .addHelpText('after', HELP)
    .option('--json', 'print one JSON object, with the palettes derived from the swatches')
    .action((path: string, options: { json?: boolean }) =>
      withThreads(async (threads) => {
        const { signal } = new AbortController()
        const image = await openImage(path, threads, signal)
        const { value } = await imageErrors(path, () => threads.run('analyseImage', { image }, signal))
        const { swatches, derivedPalettes } = value
        if (swatches.length === 0) {
          process.stderr.write(`concept-worker: ${path} has no swatches: no colour in it stands out\n`)
        }
        if (options.json) process.stdout.write(`${JSON.stringify({ swatches, derivedPalettes }, null, 2)}\n`)
        else {
          for (const { name, hex, share } of swatches) {
            process.stdout.write(`${name.padEnd(13)} ${hex}  ${(share * 100).toFixed(1).padStart(5)} %\n`)
          }
        }
      }),
    )
}
