import { lookUp, tellingWords, type PromptWords } from '../prompt-words.ts'
import { HUES } from './colour-words.ts'
import type { Motif } from './motif.ts'
import { animalFaceMotifs } from './motifs/animal-faces.ts'
import { animalMotifs } from './motifs/animals.ts'
import { buildingMotifs } from './motifs/buildings.ts'
import { craftMotifs } from './motifs/crafts.ts'
import { drinkMotifs } from './motifs/drinks.ts'
import { everydayMotifs } from './motifs/everyday.ts'
import { foodMotifs } from './motifs/food.ts'
import { landMotifs } from './motifs/land.ts'
import { leisureMotifs } from './motifs/leisure.ts'
import { plantMotifs } from './motifs/plants.ts'
import { scienceMotifs } from './motifs/science.ts'
import { skyMotifs } from './motifs/sky.ts'
import { symbolMotifs } from './motifs/symbols.ts'
import { technologyMotifs } from './motifs/technology.ts'
import { travelMotifs } from './motifs/travel.ts'

export const MOTIFS: readonly Motif[] = [
  ...animalFaceMotifs,
  ...animalMotifs,
  ...landMotifs,
  ...plantMotifs,
  ...skyMotifs,
  ...drinkMotifs,
  ...foodMotifs,
  ...technologyMotifs,
  ...scienceMotifs,
  ...symbolMotifs,
  ...buildingMotifs,
  ...everydayMotifs,
  ...craftMotifs,
  ...leisureMotifs,
  ...travelMotifs,
]

/** Words that name a trade or a quality rather than a thing: they count where nothing else does. */
const VAGUE = new Set(
  (
    'shop store studio company agency club team market app web website business office build builder fix tech technology ' +
    'startup smart creative think fresh healthy natural green organic light strong strength fun joy play craft sweet ' +
    'time hot cold fast speed power life care support help community social trust safe guide tour event party premium ' +
    'luxury ring brave fashion art artist color colour colorful colourful designer marketing consulting data ' +
    'software digital look see view focus goal success community sport training image paper send post street park ' +
    'food drink bar eat kid kids children child family wood wooden spring summer winter night dream sky slow busy clever ' +
    'pet animal travel global trip adventure outdoor world studio tool industrial access rental farm school repair field ' +
    'service festival market harvest course class place bar lab research engineering tour coaching memory shell'
  ).split(' '),
)

const BY_WORD: ReadonlyMap<string, Motif> = new Map(
  MOTIFS.flatMap((motif) =>
    [motif.name, ...motif.words.split(' ')].map((word) => [word, motif] as const),
  ).toReversed(),
)

/**
 * The motifs that a prompt speaks of, the first one named first, at most `limit`. A theme counts only where
 * nothing is said about the subject.
 */
export function motifsIn({ subject, theme }: PromptWords, limit: number): Motif[] {
  const hits = lookUp(tellingWords(subject).length > 0 ? subject : theme, BY_WORD)
  const firm = hits.filter(({ word }) => !VAGUE.has(word) && !HUES.has(word))
  const chosen = firm.length > 0 ? firm : hits.slice(0, 1)
  return [...new Set(chosen.map(({ found }) => found))].slice(0, limit)
}

/** The motif that a single word means. */
export function motifNamed(word: string): Motif | undefined {
  return lookUp([word], BY_WORD)[0]?.found
}
