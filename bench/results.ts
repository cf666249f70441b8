import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/** Where figures go that nobody has asked to keep: git ignores it, so that a trial changes no file that is tracked. */
export const RESULTS = 'out/bench'

/**
 * Writes a benchmark's figures as `NAME.json` and its charts as `CHART.svg` and `CHART.png` into a folder, and says to
 * standard error which.
 */
export async function writeResults(
  folder: string,
  name: string,
  figures: object,
  charts: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`)
  // The image threads of a benchmark close the process to drawings.
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  for (const [chart, svg] of Object.entries(charts)) {
    await writeFile(join(folder, `${chart}.svg`), svg)
    await sharp(Buffer.from(svg), { density: 144 })
      .png()
      .toFile(join(folder, `${chart}.png`))
  }
  process.stderr.write(`figures and chart are written to ${folder}\n`)
}
