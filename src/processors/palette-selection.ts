import { z } from 'zod'
import type { HexColor, Palette, PaletteColors } from '../threads/protocol.ts'

const MAX_NAME_CHARACTERS = 80
const MAX_DESCRIPTION_CHARACTERS = 500
/** So many of a model's palettes are looked at: far more than it was asked for, far fewer than an answer can hold. */
const MAX_CANDIDATES = 200

/** `#RGB` and `#RRGGBB`, with or without the hash, in either case. */
const hexColor = z
  .string()
  .trim()
  .regex(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)
  .transform((value): HexColor => {
    const digits = value.replace('#', '').toUpperCase()
    return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`
  })

const label = (maxCharacters: number) =>
  z
    .string()
    .transform((value) =>
      value.toWellFormed().replaceAll('\0', '').trim().slice(0, maxCharacters).toWellFormed(),
    )

const suggestedPalette = z.object({
  name: label(MAX_NAME_CHARACTERS).pipe(z.string().min(1)),
  description: label(MAX_DESCRIPTION_CHARACTERS).default(''),
  colors: z
    .array(hexColor)
    .length(5)
    .refine((colors) => new Set(colors).size === 5)
    .transform((colors) => colors as unknown as PaletteColors),
})

/**
 * The first `count` palettes of a model's answer that are whole (five different colours and a name), each only once. Of a
 * long answer only the beginning is looked at.
 */
export function wholePalettes(suggested: readonly unknown[], count: number): Palette[] {
  const selected = new Map<string, Palette>()
  for (const candidate of suggested.slice(0, MAX_CANDIDATES)) {
    if (selected.size >= count) break
    const parsed = suggestedPalette.safeParse(candidate)
    if (parsed.success) add(selected, { ...parsed.data, derived: false }, count)
  }
  return [...selected.values()]
}

/** The palettes of a task: those of the model, then as many derived ones as are missing, none twice. */
export function filledUp(whole: readonly Palette[], derived: readonly Palette[], count: number): Palette[] {
  const selected = new Map<string, Palette>()
  for (const palette of [...whole, ...derived]) add(selected, palette, count)
  return [...selected.values()]
}

function add(selected: Map<string, Palette>, palette: Palette, count: number): void {
  const key = palette.colors.join()
  if (selected.size < count && !selected.has(key)) selected.set(key, palette)
}
