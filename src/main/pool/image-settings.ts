import type { ImageLimits, OutputFormat } from '../../threads/protocol.ts'

/** An image of 1024 x 1024 has one megapixel; 32 leave room for what users bring. */
export const IMAGE_LIMITS: ImageLimits = { maxPixels: 32_000_000, maxSidePixels: 16_384 }

/**
 * Longer side of what an edit model gets. The models work on about one megapixel and scale their input themselves;
 * this is a little more, and keeps a request at some megabytes where a photograph of 25 megapixels has 90.
 */
export const EDIT_INPUT_SIDE_PX = 1536

/** Level 4 costs little more time than the fastest and is nearly as small as the default of 6. */
export const OUTPUT_FORMAT: OutputFormat = { type: 'png', compressionLevel: 4 }

export const RECOLOUR_STRENGTH = 1
