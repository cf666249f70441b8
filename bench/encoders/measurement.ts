import { IMAGE_LIMITS } from '../../src/main/pool/image-settings.ts'
import { decodeImage } from '../../src/threads/codec/decode.ts'
import { shareRaster } from '../../src/threads/codec/raster.ts'
import { closeLoaders, limitCodecs } from '../../src/threads/codec/loader-policy.ts'
import { analyseRegions } from '../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../src/threads/recolour/variation.ts'
import { cpuTimeOf, median } from '../cpu-time.ts'
import { readPalettes, readPictures } from '../pictures.ts'
import { SETTINGS, type Picture } from './settings.ts'
import { shadingOf, type Shading } from './shading.ts'

const SIDE_PX = 1024

/** What writing one variation of a picture takes, a mean of all its variations. */
export type Measurement = {
  readonly name: string
  readonly shading: Shading
  readonly setting: string
  readonly bytes: number
  /** CPU milliseconds over all threads of the process, median of the rounds. */
  readonly cpuMs: number
}

/** Measures every setting on the variations of every picture of a folder, picture by picture. */
export async function measureAll(
  folder: string,
  rounds: number,
  say: (text: string) => void,
): Promise<Measurement[]> {
  closeLoaders()
  limitCodecs()
  const palettes = await readPalettes()
  const measurements: Measurement[] = []
  for (const { name, encoded } of await readPictures(folder, SIDE_PX)) {
    const image = shareRaster(await decodeImage(encoded, IMAGE_LIMITS))
    const regions = analyseRegions(image)
    const variations = palettes.map((colors) => recolour(image, regions, colors, 1))
    const runs = await measurePicture({ image, regions, palettes, variations }, rounds)
    say(`${name}  ${palettes.length} variations written\n`)
    for (const [i, setting] of SETTINGS.entries()) {
      const ofSetting = runs[i]!
      measurements.push({
        name,
        shading: shadingOf(image),
        setting: setting.name,
        bytes: ofSetting.bytes / palettes.length,
        cpuMs: median(ofSetting.cpuMs) / palettes.length,
      })
    }
  }
  return measurements
}

/** Of one setting: the bytes of all variations together, and each round's CPU time for all of them. */
type Runs = { bytes: number; readonly cpuMs: number[] }

/** Every round goes through all settings in turn, so that other work on the machine meets them alike. */
async function measurePicture(picture: Picture, rounds: number): Promise<Runs[]> {
  const runs: Runs[] = SETTINGS.map(() => ({ bytes: 0, cpuMs: [] }))
  // Does not count: loads the encoders and touches their memory.
  for (const { write } of SETTINGS) await write(picture)
  for (let round = 0; round < rounds; round++) {
    for (const [i, { write }] of SETTINGS.entries()) {
      const { value, cpuMs } = await cpuTimeOf(() => write(picture))
      runs[i]!.bytes = value
      runs[i]!.cpuMs.push(cpuMs)
    }
  }
  return runs
}
