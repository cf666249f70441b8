import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { PaletteColors } from '../src/threads/protocol.ts'

/** The repository's own pictures. */
export const PICTURES = fileURLToPath(new URL('../test/fixtures/images', import.meta.url))
/** The repository's own palettes. */
export const PALETTES = fileURLToPath(new URL('../test/fixtures/palettes.json', import.meta.url))

export type Picture = { readonly name: string; /** A PNG file. */ readonly encoded: Buffer }

/** All PNG files of a folder, scaled to squares of `sidePx`. */
export async function readPictures(folder: string, sidePx: number): Promise<Picture[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.png')).toSorted()
  return Promise.all(
    files.map(async (file) => ({
      name: basename(file, '.png'),
      encoded: await sharp(await readFile(join(folder, file)))
        .resize(sidePx, sidePx, { fit: 'fill' })
        .png()
        .toBuffer(),
    })),
  )
}

/** The palettes that every picture is recoloured with: a list as the `recolour` command takes it. */
export async function readPalettes(file: string = PALETTES): Promise<PaletteColors[]> {
  const palettes = JSON.parse(await readFile(file, 'utf8')) as { colors: PaletteColors }[]
  return palettes.map((palette) => palette.colors)
}
