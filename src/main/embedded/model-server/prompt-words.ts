/** What a prompt says, as words in lower case. */
export type PromptWords = {
  /** Words about what to show. */
  readonly subject: readonly string[]
  /** Words after `Theme:`, about how it shall look. */
  readonly theme: readonly string[]
}

const MAX_WORDS = 200

/** Words that say nothing about a picture. */
const FILLERS = new Set(
  (
    'a an the and or of for with without in on at to from by as is are be it its this that into over under our my your ' +
    'logo logotype theme style design icon image picture brand brandmark company named called name make create draw ' +
    'please should want need new very some more that which who feel look looking featuring showing show inspired based ' +
    'using use like kind modern simple clean elegant beautiful nice cool professional flat vector mark symbol emblem ' +
    'background concept graphic illustration quality high detail detailed text no not colors colours palette'
  ).split(' '),
)

/** Takes a prompt apart. What follows `avoid`, `without` or `no` up to the next comma or full stop is left out. */
export function promptWords(prompt: string): PromptWords {
  const wanted = prompt.replace(/\bavoid\b[^.;\n]*|\b(?:without|no|not)\s[^.,;\n]*/gi, ' ')
  const [subject = '', ...theme] = wanted.split(/\btheme\s*:/i)
  return { subject: wordsIn(subject), theme: wordsIn(theme.join(' ')) }
}

/** The words of a text in lower case without accents, at most 200. */
export function wordsIn(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, MAX_WORDS)
}

/** The words that tell one prompt from another. */
export function tellingWords(words: readonly string[]): string[] {
  return words.filter((word) => !FILLERS.has(word))
}

/** The forms under which a word may stand in a list: as it is, and without a plural ending. */
export function formsOf(word: string): string[] {
  const forms = [word]
  if (word.endsWith('ies')) forms.push(`${word.slice(0, -3)}y`)
  if (word.endsWith('ves')) forms.push(`${word.slice(0, -3)}f`)
  if (/(?:s|x|z|ch|sh)es$/.test(word)) forms.push(word.slice(0, -2))
  if (word.endsWith('s') && !word.endsWith('ss')) forms.push(word.slice(0, -1))
  return forms
}

/** What a list holds for each word or pair of neighbouring words, in the order of the text. */
export function lookUp<T>(
  words: readonly string[],
  list: ReadonlyMap<string, T>,
): { readonly word: string; readonly found: T }[] {
  return words.flatMap((word, i) => {
    const next = words[i + 1]
    const pairs = next === undefined ? [] : formsOf(next).flatMap((form) => [`${word}-${form}`, word + form])
    for (const form of [...pairs, ...formsOf(word)]) {
      const found = list.get(form)
      if (found !== undefined) return [{ word: form, found }]
    }
    return []
  })
}
