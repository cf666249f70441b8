import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Font, OpenType, PathCommand } from 'opentype.js'

/** A character's outline, closed and in pixels, from the left end of its baseline; y points downwards. */
export type Glyph = { readonly outline: readonly PathCommand[]; readonly advance: number }

/** The scripts that captions can be in, each a file of its own: those of Europe. */
const SCRIPTS = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'vietnamese'] as const

const require = createRequire(import.meta.url)

/**
 * Inter in one weight, out of a package, so that a page is the same on every machine: what libvips draws text with are the
 * fonts of the machine, and where it has none, empty boxes. A file is read when the first character needs it.
 */
export class Typeface {
  readonly #weight: number
  readonly #fonts: Font[] = []

  constructor(weight: 400 | 500) {
    this.#weight = weight
  }

  has(character: string): boolean {
    return this.#fontOf(character) !== null
  }

  /** Null where the typeface has no such character. */
  glyph(character: string, sizePx: number): Glyph | null {
    const font = this.#fontOf(character)
    if (!font) return null
    const glyph = font.charToGlyph(character)
    const advance = ((glyph.advanceWidth ?? 0) * sizePx) / font.unitsPerEm
    return { outline: glyph.getPath(0, 0, sizePx).commands, advance }
  }

  /** How much nearer, or farther where it is positive, a character stands to the one before it than by its advance. */
  kerning(before: string, character: string, sizePx: number): number {
    const font = this.#fontOf(character)
    if (!font || font !== this.#fontOf(before)) return 0
    const units = font.getKerningValue(font.charToGlyph(before), font.charToGlyph(character))
    return (units * sizePx) / font.unitsPerEm
  }

  #fontOf(character: string): Font | null {
    for (const [i, script] of SCRIPTS.entries()) {
      const font = (this.#fonts[i] ??= read(`inter-${script}-${this.#weight}-normal.woff`))
      if (font.hasChar(character)) return font
    }
    return null
  }
}

function read(file: string): Font {
  // Here and not above: a thread that makes no pages does not load it.
  const opentype = require('opentype.js') as OpenType
  // A buffer of its own: a small file shares its memory with others.
  return opentype.parse(
    new Uint8Array(readFileSync(require.resolve(`@fontsource/inter/files/${file}`))).buffer,
  )
}
