import { describe, expect, it } from 'vitest'
import { isDenseJson } from '../../../src/main/models/json-density.ts'

const MAX_BYTES = 100
const isDense = (text: string) => isDenseJson(Buffer.from(text), MAX_BYTES)
const many = (text: string) => text.repeat(2 * MAX_BYTES)

describe('hostile answers: JSON', () => {
  it.each([
    ['empty lists', `[${many('[],')}[]]`],
    ['empty objects', `{"output":[${many('{},')}{}]}`],
    ['numbers', `[${many('1,')}1]`],
    ['depth', many('[')],
    ['empty texts', `[${many('"",')}""]`],
    ['white space', many(' ')],
    ['a text of quotes', `{"a":"${many('\\"')}"}`],
    ['values after a text that ends in a backslash', `["\\\\",${many('0,')}0]`],
    ['values after a byte order mark', `\ufeff\n[${many('0,')}0]`],
  ])('is not worth reading when it is full of %s', (_, text) => {
    expect(isDense(text)).toBe(true)
  })

  it.each([
    ['a long text', `{"data":[{"b64_json":"${many('A')}"}]}`],
    ['a text full of brackets', `{"content":"${many('[{,:')}"}`],
    ['a text that never ends', `{"content":"${many('a')}`],
    ['few values', '{"output":["https://results.example.com/1.png"],"nsfw":[false]}'],
    ['nothing', ''],
  ])('may hold %s', (_, text) => {
    expect(isDense(text)).toBe(false)
  })

  it('is not what an image file is taken for', () => {
    expect(isDense(`\u0089PNG${many('[{,:')}`)).toBe(false)
  })
})
