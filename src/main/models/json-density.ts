const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
/** White space of JSON, and the byte order mark that a reader passes over. */
const SKIPPED = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf])

/**
 * Whether a body is a JSON list or object with more than `maxBytes` beside its texts, found without parsing it. An
 * image in JSON is one long text; a parser that is handed tens of megabytes of empty lists instead is busy for many
 * seconds, and needs a gigabyte for them. Each quote in a text counts as well. What does not begin as JSON, such as an
 * image file, is none.
 */
export function isDenseJson(body: Uint8Array, maxBytes: number): boolean {
  let i = 0
  while (i < body.length && SKIPPED.has(body[i]!)) if (++i > maxBytes) return true
  if (body[i] !== OPEN_BRACE && body[i] !== OPEN_BRACKET) return false
  let outside = i
  for (; i < body.length; i++) {
    if (++outside > maxBytes) return true
    if (body[i] !== QUOTE) continue
    do {
      i = body.indexOf(QUOTE, i + 1)
      if (i === -1) return false
      if (++outside > maxBytes) return true
    } while (isEscaped(body, i))
  }
  return false
}

/** Whether an odd number of backslashes stands before a place. */
function isEscaped(text: Uint8Array, place: number): boolean {
  let backslashes = 0
  while (text[place - 1 - backslashes] === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}
