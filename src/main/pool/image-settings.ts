import type { ImageLimits, OutputFormat } from '../../threads/protocol.ts'

/** An image of 1024 x 1024 has one megapixel; 32 leave room for what users bring. */
export const IMAGE_LIMITS: ImageLimits = { maxPixels: 32_000_000, maxSidePixels: 16_384 }

/**
 * Longer side of what an edit model gets. The models work on about one megapixel and scale their input themselves;
 * this is a little more, and keeps a request at some megabytes where a photograph of 25 megapixels has 90.
 */
export const EDIT_INPUT_SIDE_PX = 1536

/** How pictures are made and written. */
export type ImageSettings = {
  readonly format: OutputFormat['type']
  /** 0 to 9. */
  readonly pngCompressionLevel: number
  /** 1 to 100. */
  readonly webpQuality: number
  /** 0 (fast) to 6 (small). */
  readonly webpEffort: number
  /** How far variations take on their palettes: 0 to 1. */
  readonly recolourStrength: number
}

/** Level 4 costs little more time than the fastest and is nearly as small as the default of 6. */
export const IMAGE_DEFAULTS = {
  format: 'png',
  pngCompressionLevel: 4,
  webpQuality: 90,
  webpEffort: 0,
  recolourStrength: 1,
} as const satisfies ImageSettings

/** The output format as the threads know it. */
export function outputFormat(settings: Omit<ImageSettings, 'recolourStrength'>): OutputFormat {
  switch (settings.format) {
    case 'png':
      return { type: 'png', compressionLevel: settings.pngCompressionLevel }
    case 'webp':
      return { type: 'webp', quality: settings.webpQuality, effort: settings.webpEffort }
  }
}

/** What is written where nothing else is configured. */
export const OUTPUT_FORMAT: OutputFormat = outputFormat(IMAGE_DEFAULTS)
