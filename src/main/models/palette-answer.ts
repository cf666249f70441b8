import { Failure } from '../../processors/failure.ts'

/** Many times what all palettes take. */
const MAX_CHARACTERS = 131_072

/**
 * The list of palettes in a chat answer, each still unchecked. Models wrap JSON in fences, think aloud before
 * it, leave out the outer object, or stop in the middle; all of that is read, of a list that breaks off the
 * palettes that are whole. Of a very long answer only the beginning counts. Throws `invalid_output` where there is no list.
 */
export function parsePaletteAnswer(content: string): readonly unknown[] {
  const text = content.replace(/^[\s\S]*<\/think>/, '').slice(0, MAX_CHARACTERS)
  for (const [open, close] of [
    ['{', '}'],
    ['[', ']'],
  ] as const) {
    const first = text.indexOf(open)
    if (first === -1) continue
    const palettes =
      listIn(text.slice(first, text.lastIndexOf(close) + 1)) ?? listIn(withoutBrokenEnd(text.slice(first)))
    if (palettes && palettes.length > 0) return palettes
  }
  throw new Failure('invalid_output', 'the palette model answered without a list of palettes')
}

function listIn(json: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(json)
    if (Array.isArray(value)) return value
    if (typeof value === 'object' && value !== null && 'palettes' in value && Array.isArray(value.palettes)) {
      return value.palettes
    }
    return null
  } catch {
    return null
  }
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' }

/** The brackets that are open, innermost first. */
type Open = { readonly closing: string; readonly outer: Open | null } | null

/**
 * The text up to where its first value ends, or, where that breaks off, up to the last object in it that is whole,
 * with all that is open closed. Takes no longer than the text is long, however deep it nests.
 */
function withoutBrokenEnd(text: string): string {
  let open: Open = null
  let whole: { readonly end: number; readonly open: Open } = { end: 0, open: null }
  // Strings first, so that a bracket in a name counts for nothing.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\[^])*\\?(?:"|$)|[{}[\]]/g)) {
    const closing = CLOSING[token]
    if (closing !== undefined) open = { closing, outer: open }
    if (closing !== undefined || open === null || token !== open.closing) continue
    open = open.outer
    if (token === '}' || open === null) whole = { end: index + 1, open }
    if (open === null) break
  }
  const ending: string[] = []
  for (let each = whole.open; each; each = each.outer) ending.push(each.closing)
  return text.slice(0, whole.end) + ending.join('')
}
