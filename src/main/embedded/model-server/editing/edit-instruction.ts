import type { HexColor } from '../../../../threads/protocol.ts'
import { HUES, NEUTRALS, THEMES, TONES } from '../drawing/colour-words.ts'
import type { Motif } from '../drawing/motif.ts'
import { motifNamed } from '../drawing/motif-catalogue.ts'
import { formsOf, lookUp, wordsIn } from '../prompt-words.ts'

/** A change of all colours. */
export type ToneChange =
  | 'warmer'
  | 'cooler'
  | 'brighter'
  | 'darker'
  | 'stronger'
  | 'weaker'
  | 'grey'
  | 'pastel'
  | 'neon'
  | 'aged'
  | 'inverted'
  | 'contrast'

/** One thing to do to a picture. */
export type Edit =
  | { readonly kind: 'tone'; readonly change: ToneChange }
  | { readonly kind: 'recolour'; readonly colors: readonly HexColor[] }
  | { readonly kind: 'background'; readonly color: HexColor }
  | { readonly kind: 'border'; readonly shape: 'frame' | 'ring'; readonly color: HexColor | null }
  | { readonly kind: 'rounded' }
  | { readonly kind: 'motif'; readonly motif: Motif; readonly color: HexColor | null }
  | { readonly kind: 'turn'; readonly degrees: number }
  | { readonly kind: 'mirror'; readonly axis: 'horizontal' | 'vertical' }
  | { readonly kind: 'scale'; readonly factor: number }
  | { readonly kind: 'simplify' }
  | { readonly kind: 'shadow' }
  /** Anything else: the hue is turned and a ring or a frame drawn. */
  | { readonly kind: 'surprise'; readonly words: string }

const TONE_WORDS: ReadonlyMap<string, ToneChange> = new Map(
  (
    [
      ['warmer', 'warm warmer cozy cosy sunny'],
      ['cooler', 'cool cooler cold colder icy'],
      ['brighter', 'bright brighter light lighter lighten brighten'],
      ['darker', 'dark darker darken deep deeper moody'],
      ['stronger', 'saturated vivid vibrant saturate bold bolder colorful colourful punchy intense'],
      ['weaker', 'desaturated muted subtle softer desaturate duller calmer faded'],
      ['grey', 'greyscale grayscale monochrome mono grey gray black colorless colourless'],
      ['pastel', 'pastel soft gentle delicate'],
      ['neon', 'neon cyberpunk glowing electric'],
      ['aged', 'sepia vintage retro aged antique old'],
      ['inverted', 'invert inverted negative'],
      ['contrast', 'contrast crisp crisper sharper'],
    ] as const
  ).flatMap(([change, words]) => words.split(' ').map((word) => [word, change] as const)),
)

const PAPER: HexColor = '#FFFFFF'
const NIGHT: HexColor = '#14161C'

/** What an instruction asks for, in its order. An instruction that says nothing known asks for a surprise. */
export function editsIn(instruction: string): Edit[] {
  const edits = joinedColours(
    instruction
      .split(/[,;.\n]|\b(?:and|then|but|plus)\b/i)
      .map(wordsIn)
      .flatMap(editsOfClause),
  )
  return edits.length > 0 ? edits : [{ kind: 'surprise', words: wordsIn(instruction).join(' ') }]
}

function editsOfClause(words: readonly string[]): Edit[] {
  const has = (pattern: RegExp) => words.some((word) => pattern.test(word))
  const color = lookUp(words, HUES)[0]?.found ?? null
  const neutral = lookUp(words, NEUTRALS)[0]?.found ?? null

  if (has(/^(?:background|backdrop|canvas)$/))
    return [{ kind: 'background', color: color ?? neutral ?? plainGround(words) }]
  if (has(/^(?:border|frame|outline|framed|bordered)$/))
    return [{ kind: 'border', shape: 'frame', color: color ?? neutral }]
  if (has(/^(?:ring|circle|encircle|circular)$/))
    return [{ kind: 'border', shape: 'ring', color: color ?? neutral }]
  if (has(/^(?:add|put|include|insert|place|with|attach)$/)) {
    const motif = words.map(motifNamed).find((found) => found !== undefined && !isColour(found.name))
    if (motif) return [{ kind: 'motif', motif, color }]
  }

  const edits: Edit[] = []
  if (has(/^(?:rounded|round|rounder)$/)) edits.push({ kind: 'rounded' })
  if (has(/^(?:mirror|mirrored|flip|flipped)$/)) {
    edits.push({ kind: 'mirror', axis: has(/^(?:vertical|vertically|upside)$/) ? 'vertical' : 'horizontal' })
  } else if (has(/^(?:rotate|rotated|turn|turned|tilt|tilted|spin|upside)$/)) {
    edits.push({ kind: 'turn', degrees: degreesIn(words) })
  }
  if (has(/^(?:bigger|larger|enlarge|zoom|closer)$/)) edits.push({ kind: 'scale', factor: 1.25 })
  if (has(/^(?:smaller|shrink|reduce|tinier|margin|padding|space)$/))
    edits.push({ kind: 'scale', factor: 0.75 })
  if (has(/^(?:minimal|minimalist|simplify|simpler|simple|cleaner|clean|flat|flatter)$/))
    edits.push({ kind: 'simplify' })
  if (has(/^(?:shadow|depth|3d|raised|floating)$/)) edits.push({ kind: 'shadow' })
  return [...edits, ...colourEdits(words)]
}

/** Named colours first, then words for a tone, then themes. */
function colourEdits(words: readonly string[]): Edit[] {
  const hues = lookUp(words, HUES).map(({ found }) => found)
  if (hues.length > 0) return [{ kind: 'recolour', colors: hues.slice(0, 3) }]
  const tones = words.flatMap((word) => formsOf(word).map((form) => TONE_WORDS.get(form)))
  const change = tones.find((tone) => tone !== undefined)
  if (change) {
    const less = words.includes('less') || words.includes('lower')
    return [{ kind: 'tone', change: less ? opposite(change) : change }]
  }
  const theme = lookUp(words, THEMES)[0]?.found
  if (theme) return [{ kind: 'recolour', colors: theme }]
  return lookUp(words, TONES).some(({ found }) => found === 'vivid')
    ? [{ kind: 'tone', change: 'stronger' }]
    : []
}

function opposite(change: ToneChange): ToneChange {
  const opposites: Partial<Record<ToneChange, ToneChange>> = {
    warmer: 'cooler',
    cooler: 'warmer',
    brighter: 'darker',
    darker: 'brighter',
    stronger: 'weaker',
    weaker: 'stronger',
    contrast: 'weaker',
  }
  return opposites[change] ?? change
}

const isColour = (word: string) => HUES.has(word)

const plainGround = (words: readonly string[]): HexColor =>
  words.some((word) => /^(?:dark|darker|night|black)$/.test(word)) ? NIGHT : PAPER

/** `rotate 30 degrees left` is -30; a quarter turn where no number is given, a little for `tilt`. */
function degreesIn(words: readonly string[]): number {
  if (words.includes('upside')) return 180
  const number = words.map(Number).find((value) => Number.isFinite(value) && value !== 0)
  const size = number ?? (words.some((word) => word.startsWith('tilt')) ? 12 : 90)
  const left = words.some((word) => /^(?:left|counterclockwise|anticlockwise)$/.test(word))
  return (left ? -size : size) % 360
}

/** `red and blue` are two clauses but one wish. */
function joinedColours(edits: readonly Edit[]): Edit[] {
  const joined: Edit[] = []
  for (const edit of edits) {
    const last = joined.at(-1)
    if (edit.kind === 'recolour' && last?.kind === 'recolour') {
      joined[joined.length - 1] = { kind: 'recolour', colors: [...last.colors, ...edit.colors].slice(0, 3) }
    } else {
      joined.push(edit)
    }
  }
  return joined
}
