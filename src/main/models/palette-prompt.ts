import type { PaletteRequest } from '../../processors/services.ts'

/** Providers differ in what they take of JSON Schema, so counts and colours are checked here and not by it. */
export const PALETTE_SCHEMA = {
  type: 'object',
  properties: {
    palettes: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          description: { type: 'string' },
          colors: { type: 'array', items: { type: 'string' } },
        },
        required: ['name', 'description', 'colors'],
        additionalProperties: false,
      },
    },
  },
  required: ['palettes'],
  additionalProperties: false,
} as const

/** The chat messages that ask for palettes. */
export function paletteMessages(request: PaletteRequest): { role: 'system' | 'user'; content: string }[] {
  const swatches = request.swatches.map(
    ({ name, hex, share }) => `${name} ${hex} (${Math.round(share * 100)} %)`,
  )
  return [
    {
      role: 'system',
      content:
        'You design colour palettes for logos. Answer with JSON only. Every palette has a short name, a one-line ' +
        'description, and exactly five different colours as #RRGGBB in this order: primary, secondary, accent, ' +
        'background, highlight. The background must stand back, and the others must be legible on it.',
    },
    {
      role: 'user',
      content: [
        `Design ${request.count} palettes, each clearly different from the others.`,
        `Theme: ${request.themeDescription}`,
        `Logo: ${request.logoDescription}`,
        swatches.length > 0 ? `Colours in the logo now: ${swatches.join(', ')}` : '',
      ]
        .filter((line) => line !== '')
        .join('\n'),
    },
  ]
}
