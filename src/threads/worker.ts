import { batchRunner } from './batch.ts'
import { openImage, type OpenedImage } from './codec/decode.ts'
import { encodeRaster } from './codec/encode.ts'
import { cleanFile } from './codec/clean-file.ts'
import { limitCodecs } from './codec/loader-policy.ts'
import { shareRaster, type Raster } from './codec/raster.ts'
import { transferFiles } from './codec/transfer.ts'
import { ImageError } from './image-error.ts'
import { composeContactSheet } from './pages/contact-sheet.ts'
import { createThumbnail } from './pages/thumbnail.ts'
import type {
  EncodedImage,
  ImageAnalysis,
  JobName,
  JobOutput,
  JobRequest,
  JobResult,
  OutputFormat,
  VariationKind,
} from './protocol.ts'
import { encodeVariation } from './recolour/encoded-variation.ts'
import { analysisFor } from './recolour/file-outline.ts'
import { analyseRegions } from './recolour/region-analysis.ts'
import { pixelsOf, readsPixels } from './recolour/variation.ts'
import { derivePalettes } from './swatches/derived-palettes.ts'
import { findSwatches } from './swatches/swatches.ts'
import { giveWay } from './thread-priority.ts'

giveWay()
// The main thread has closed the loaders for all.
limitCodecs()

export default batchRunner(runJob, transferFiles)

/** Does one job and answers with its output, or with the reason why the image was refused. Never throws. */
export async function runJob(request: JobRequest): Promise<JobResult> {
  const started = performance.now()
  try {
    const output = await outputOf(request)
    return { ok: true, output, runMs: performance.now() - started }
  } catch (error) {
    const runMs = performance.now() - started
    if (error instanceof ImageError) return { ok: false, code: error.code, message: error.message, runMs }
    const message = 'the image could not be processed'
    return { ok: false, code: 'image_failed', message, unforeseen: String(error), runMs }
  }
}

async function outputOf(request: JobRequest): Promise<JobOutput<JobName>> {
  switch (request.job) {
    case 'prepareImage': {
      const { encoded, limits, format, analyse } = request.input
      const opened = await openImage(encoded, limits)
      const { raster } = opened
      const file = await fileOf(opened, format)
      if (!analyse) return { image: shareRaster(raster), encoded: file }
      const started = performance.now()
      const value = await analysisOf(raster, { ...analyse, format })
      const runMs = performance.now() - started
      const isShared = readsPixels(raster, value.regions, analyse.strength)
      const image = isShared ? shareRaster(raster) : { ...raster, pixels: null }
      return { image, encoded: file, analysis: { value, runMs } }
    }
    case 'shrinkImage': {
      const { encoded, limits, maxSidePx, format } = request.input
      return fileOf(await openImage(encoded, limits, maxSidePx), format)
    }
    case 'analyseImage': {
      const { image, variations } = request.input
      return analysisOf({ ...image, pixels: pixelsOf(image) }, variations)
    }
    case 'createVariation':
      return encodeVariation(request.input)
    case 'createThumbnail':
      return createThumbnail(request.input.encoded, request.input.sidePx)
    case 'composeContactSheet':
      return composeContactSheet(request.input.rows, request.input.cellPx)
  }
}

/** The file that an image is stored as: the one that it came in, if that will do, or else a new one. */
async function fileOf({ raster, plainPng }: OpenedImage, format: OutputFormat): Promise<EncodedImage> {
  return (plainPng && cleanFile(plainPng, format)) ?? (await encodeRaster(raster, format))
}

async function analysisOf(raster: Raster, variations?: VariationKind): Promise<ImageAnalysis> {
  const swatches = await findSwatches(raster)
  const regions = analyseRegions(raster)
  return {
    swatches,
    derivedPalettes: derivePalettes(swatches),
    regions: variations ? analysisFor(raster, regions, variations) : regions,
  }
}
