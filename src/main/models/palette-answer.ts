import { Failure } from '../../processors/failure.ts'

/**
 * The list of palettes in a chat answer, each still unchecked. Models wrap JSON in fences, think aloud before
 * it, or leave out the outer object; all of that is read. Throws `invalid_output` where there is no list.
 */
export function parsePaletteAnswer(content: string): readonly unknown[] {
  const text = content.replace(/^[\s\S]*<\/think>/, '')
  for (const [open, close] of [
    ['{', '}'],
    ['[', ']'],
  ] as const) {
    const palettes = listIn(text.slice(text.indexOf(open), text.lastIndexOf(close) + 1))
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
