import { lookUp, promptWords, tellingWords } from '../prompt-words.ts'
import { SeededRandom } from '../seeded-random.ts'
import { ABSTRACT_MARKS } from './abstract-marks.ts'
import { schemeFor } from './colour-scheme.ts'
import { CONTAINER_WORDS, type ContainerName } from './containers.ts'
import { figureOf, type Figure } from './figure.ts'
import { inContainer, laurelled, onDisc, plain, ringed, scenic, sealed, type Draft } from './layouts.ts'
import { motifsIn } from './motif-catalogue.ts'
import { monogram } from './monogram.ts'
import { Definitions } from './pen.ts'
import { SCENIC } from './scenes.ts'

/** A size in pixels. */
export type Size = { readonly width: number; readonly height: number }

const PLAIN_WORDS = /^(?:minimal|minimalist|minimalistic|line|flat)$/
const GRAND_WORDS = /^(?:luxury|luxurious|premium|royal|award|classic|heritage|elegant|prestige|traditional)$/
const SHADED_WORDS = /^(?:gradient|glossy|3d|shaded|shiny|glow|glowing|smooth|depth)$/

/**
 * The SVG of a logo for a prompt. The same words, seed and size make the same text, letter by letter; case and
 * punctuation make no difference.
 */
export function logoSvg(prompt: string, seed: number, { width, height }: Size): string {
  const words = promptWords(prompt)
  const all = [...words.theme, ...words.subject]
  const random = new SeededRandom(`${all.join(' ')}#${seed}`)
  const motifs = motifsIn(words, 2)
  const scheme = schemeFor(all, motifs[0]?.colors ?? null, random.branch('colours'))
  const definitions = new Definitions()
  const figureRandom = random.branch('figure')
  const figure = motifs[0]
    ? figureOf(motifs[0], motifs[1], scheme)
    : abstractFigure(tellingWords(words.subject), figureRandom)
  const flat = all.some((word) => PLAIN_WORDS.test(word))
  const draft: Draft = {
    scheme,
    figure,
    random: figureRandom,
    definitions,
    shaded: all.some((word) => SHADED_WORDS.test(word)) || (!flat && random.chance(0.5)),
  }
  const content = layOut(
    draft,
    all,
    motifs.map(({ name }) => name),
    random.branch('layout'),
  )
  const scale = Math.min(width, height) / 200
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${definitions.toSvg()}` +
    `<rect width="${width}" height="${height}" fill="${scheme.canvas}"/>` +
    `<g transform="translate(${width / 2} ${height / 2}) scale(${scale})">${content}</g></svg>`
  )
}

/** A mark for a prompt that names nothing drawable: the first letter of its first word, or a figure of chance. */
function abstractFigure(words: readonly string[], random: SeededRandom): Figure {
  const letter = words[0] === undefined ? null : monogram(words[0])
  if (letter && random.chance(0.3)) return { name: 'monogram', draw: letter }
  return { name: 'abstract', draw: random.pick(ABSTRACT_MARKS) }
}

/** Chooses the layout: by the words that ask for one, else by chance. */
function layOut(
  draft: Draft,
  words: readonly string[],
  motifs: readonly string[],
  random: SeededRandom,
): string {
  const container = (): ContainerName =>
    random.pick(['circle', 'circle', 'square', 'square', 'hexagon', 'shield', 'arch', 'octagon', 'seal'])
  const scene = motifs.find((name) => SCENIC.has(name))
  const scenicFigure = scene !== undefined && motifs.every((name) => SCENIC.has(name))
  const moonlit = motifs.includes('moon') || words.includes('night')
  const asked = lookUp(words, CONTAINER_WORDS)[0]?.found
  const land = motifs.find((name) => SCENIC.has(name) && name !== 'sun' && name !== 'moon') ?? scene

  if (scenicFigure && land && (motifs.length > 1 || random.chance(0.5)))
    return scenic(draft, asked ?? container(), land, moonlit)
  if (asked === 'seal') return sealed(draft)
  if (asked) return inContainer(draft, asked)
  if (words.some((word) => PLAIN_WORDS.test(word))) return random.pick([plain, plain, ringed])(draft)
  if (words.some((word) => GRAND_WORDS.test(word)) && random.chance(0.6)) {
    return random.pick([laurelled, sealed, ringed])(draft)
  }
  return random.pick([
    plain,
    plain,
    plain,
    onDisc,
    onDisc,
    ringed,
    sealed,
    laurelled,
    ...Array.from({ length: 6 }, () => (d: Draft) => inContainer(d, container())),
  ])(draft)
}
