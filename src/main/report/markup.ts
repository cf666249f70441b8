/** Text that is HTML already. Only {@link markup} and {@link trustedMarkup} make it. */
export class Markup {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

export type MarkupPart = Markup | string | number | null | readonly Markup[]

/**
 * A template tag for HTML and SVG. Every value is escaped, for text and for quoted attributes alike, unless it is
 * {@link Markup} itself; null is left out.
 */
export function markup(literals: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  const texts = literals.map(
    (literal, index) => literal + (index < parts.length ? render(parts[index]!) : ''),
  )
  return new Markup(texts.join(''))
}

/** Takes text as HTML as it stands. Never for text that holds data. */
export function trustedMarkup(text: string): Markup {
  return new Markup(text)
}

function render(part: MarkupPart): string {
  if (part === null) return ''
  if (part instanceof Markup) return part.toString()
  if (typeof part === 'object') return part.join('\n')
  return escapeText(String(part))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

function escapeText(text: string): string {
  // A file cannot hold a lone surrogate, and a browser puts another character in the place of a NUL.
  return text
    .toWellFormed()
    .replaceAll('\0', '\ufffd')
    .replace(/[&<>"'`]/g, (character) => ENTITIES[character]!)
}
