import type { Raster } from '../../../src/threads/codec/raster.ts'
import type { PaletteColors } from '../../../src/threads/protocol.ts'
import { analyseRegions } from '../../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../../src/threads/recolour/variation.ts'

/** The variation of an image that takes on a palette in full. */
export const full = (image: Raster, colors: PaletteColors): Raster =>
  recolour(image, analyseRegions(image), colors, 1)
