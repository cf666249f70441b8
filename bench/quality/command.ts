import { Command } from 'commander'
import sharp from 'sharp'
import { IMAGE_LIMITS } from '../../src/main/pool/image-settings.ts'
import { decodeImage } from '../../src/threads/codec/decode.ts'
import { labOfRgb } from '../../src/threads/colour/oklab.ts'
import { rgbOfHex } from '../../src/threads/colour/srgb.ts'
import type { PaletteColors } from '../../src/threads/protocol.ts'
import { analyseRegions } from '../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../src/threads/recolour/variation.ts'
import { PALETTES, PICTURES, readPalettes, readPictures, type Picture } from '../pictures.ts'
import { labPlane, labPlaneOfFile } from './lab-plane.ts'
import { findRegions } from './regions.ts'
import { AIMS, SCORES, scoreVariation, type Score } from './score.ts'

const SIDE_PX = 1024
const REGIONS = 6

export function qualityBenchmark(): Command {
  return new Command('quality')
    .description(
      'Scores of the variations: regions kept apart, blotches, fidelity to the palette, its use (10 s)',
    )
    .option('--images <folder>', 'PNG files to recolour', PICTURES)
    .option('--palettes <file>', 'JSON list of palettes to recolour with', PALETTES)
    .option('--json', 'print one JSON object')
    .action(async (options: { images: string; palettes: string; json?: boolean }) => {
      const palettes = await readPalettes(options.palettes)
      const images: Record<string, Score> = {}
      if (!options.json) process.stdout.write(HEAD)
      for (const picture of await readPictures(options.images, SIDE_PX)) {
        images[picture.name] = meanOf(await scorePicture(picture, palettes))
        if (!options.json) process.stdout.write(scores(picture.name, images[picture.name]!))
      }
      const mean = meanOf(Object.values(images))
      process.stdout.write(options.json ? `${JSON.stringify({ mean, images })}\n` : scores('MEAN', mean))
    })
}

async function scorePicture({ encoded }: Picture, palettes: readonly PaletteColors[]): Promise<Score[]> {
  const base = await labPlaneOfFile(encoded)
  const regions = findRegions(base, REGIONS)
  const image = await decodeImage(encoded, IMAGE_LIMITS)
  const analysis = analyseRegions(image)
  const scores: Score[] = []
  for (const colors of palettes) {
    const { width, height, channels, pixels } = recolour(image, analysis, colors, 1)
    const variation = await labPlane(sharp(pixels, { raw: { width, height, channels } }))
    const palette = colors.map((hex) => labOfRgb(...rgbOfHex(hex)))
    scores.push(scoreVariation(base, regions, variation, palette))
  }
  return scores
}

function meanOf(scores: readonly Score[]): Score {
  const mean = (pick: (score: Score) => number) =>
    scores.reduce((sum, score) => sum + pick(score), 0) / scores.length
  return {
    edgeRecall: mean((score) => score.edgeRecall),
    falseEdges: mean((score) => score.falseEdges),
    paletteError: mean((score) => score.paletteError),
    coverage: mean((score) => score.coverage),
  }
}

function line(name: string, cell: (column: (typeof SCORES)[number]) => string): string {
  return `${name.padEnd(26)}${SCORES.map((column) => cell(column).padStart(14)).join('')}\n`
}

const HEAD = line('', (column) => column) + line('aim', (column) => AIMS[column])

const scores = (name: string, score: Score) => line(name, (column) => score[column].toFixed(4))
