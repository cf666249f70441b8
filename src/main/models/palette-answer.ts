import { Failure } from '../../processors/failure.ts'

/**
 * The list of palettes in a chat answer, each still unchecked. Models wrap JSON in fences, think aloud before
 * it, leave out the outer object, or stop in the middle; all of that is read, of a list that breaks off the
 * palettes that are whole. Throws `invalid_output` where there is no list.
 */
export function parsePaletteAnswer(content: string): readonly unknown[] {
  const text = content.replace(/^[\s\S]*<\/think>/, '')
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

/**
 * The text up to where its first value ends, or, where that breaks off, up to the last object in it that is whole,
 * with all that is open closed.
 */
function withoutBrokenEnd(text: string): string {
  const open: string[] = []
  let repaired = ''
  // Strings first, so that a bracket in a name counts for nothing.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\[^])*\\?(?:"|$)|[{}[\]]/g)) {
    const closing = CLOSING[token]
    if (closing !== undefined) open.push(closing)
    if (closing !== undefined || token !== open.at(-1)) continue
    open.pop()
    if (token === '}' || open.length === 0) repaired = text.slice(0, index + 1) + open.toReversed().join('')
    if (open.length === 0) break
  }
  return repaired
}
