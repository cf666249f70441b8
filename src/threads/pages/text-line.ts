import type { PathCommand } from 'opentype.js'
import type { Typeface } from './typeface.ts'

export type TextStyle = { readonly typeface: Typeface; readonly sizePx: number }

/** One line of text, ready to be drawn: its outlines stand at their places from the left end of its baseline. */
export type TextLine = {
  readonly width: number
  readonly glyphs: readonly PlacedGlyph[]
}

type PlacedGlyph = { readonly outline: readonly PathCommand[]; readonly x: number; readonly end: number }

/** More of a text than any line holds is not looked at. */
const MAX_LENGTH = 400
const ELLIPSIS = '…'
/** A line is cut between words, unless less than this would be left of it. */
const MIN_KEPT_SHARE = 0.6

/**
 * Sets a text in one line of at most `maxWidth` pixels; what does not fit gives way to an ellipsis. What the typeface has no
 * sign for is left out: other scripts, pictures, all that controls how text is shown.
 */
export function setLine(text: string, style: TextStyle, maxWidth: number): TextLine {
  const characters = printable(text, style.typeface)
  const line = place(characters, style)
  if (line.width <= maxWidth) return line
  const room = maxWidth - place([ELLIPSIS], style).width
  const kept = line.glyphs.findLastIndex(({ end }) => end <= room) + 1
  return kept === 0 ? place([], style) : place([...startOf(characters, kept), ELLIPSIS], style)
}

function printable(text: string, typeface: Typeface): string[] {
  const plain = text
    .slice(0, MAX_LENGTH)
    .normalize('NFC')
    .replaceAll(/\s/g, ' ')
    // Controls, half pairs, invisible signs, and marks that would have to be placed on another letter.
    .replaceAll(/[\p{C}\p{M}]/gu, '')
  const known = codePoints(plain).filter((character) => typeface.has(character))
  return codePoints(known.join('').replaceAll(/ +/g, ' ').trim())
}

/** So many characters at most, up to the end of a word. */
function startOf(characters: readonly string[], length: number): string[] {
  const start = characters.slice(0, length)
  const end = characters[length] === ' ' ? length : start.lastIndexOf(' ')
  const kept = end < length * MIN_KEPT_SHARE ? start : start.slice(0, end)
  return codePoints(kept.join('').replace(/[\s,.;:–—-]+$/, ''))
}

/** What is left of a text has no sign that is made of several. */
function codePoints(text: string): string[] {
  return Array.from(text)
}

function place(characters: readonly string[], { typeface, sizePx }: TextStyle): TextLine {
  let width = 0
  const glyphs = characters.flatMap((character, i): PlacedGlyph[] => {
    const glyph = typeface.glyph(character, sizePx)
    if (!glyph) return []
    const before = characters[i - 1]
    const x = width + (before === undefined ? 0 : typeface.kerning(before, character, sizePx))
    width = x + glyph.advance
    return [{ outline: glyph.outline, x, end: width }]
  })
  return { width, glyphs }
}
