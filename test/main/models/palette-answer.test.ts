import { describe, expect, it } from 'vitest'
import { parsePaletteAnswer } from '../../../src/main/models/palette-answer.ts'

const palettes = [{ name: 'Sea', colors: ['#000000'] }]
const whole = JSON.stringify({ palettes })

describe('hostile answers: the answer of the palette model', () => {
  it.each([
    ['an object', JSON.stringify({ palettes })],
    ['a bare list', JSON.stringify(palettes)],
    ['a fenced block', `Here you are:\n\`\`\`json\n${JSON.stringify({ palettes })}\n\`\`\`\nEnjoy!`],
    ['an object with remarks in braces after it', `${whole}\nUse {primary} for the head.`],
    ['an object that breaks off between two palettes', `${whole.slice(0, -2)},`],
    ['an object that breaks off in a colour', `${whole.slice(0, -2)},{"name":"Sky","colors":["#12`],
    ['an object that breaks off in a name', `${whole.slice(0, -2)},{"name":"S}]`],
    ['an object that breaks off in an escape', `${whole.slice(0, -2)},{"name":"S}]\\`],
    ['a fence that breaks off', `\`\`\`json\n${whole.slice(0, -2)},\n  {"name": "Sky",`],
    ['a bare list that breaks off', `${JSON.stringify(palettes).slice(0, -1)},{"na`],
    ['thoughts first', `<think>maybe {"palettes": []}?</think>${JSON.stringify({ palettes })}`],
  ])('is read from %s', (_, content) => {
    expect(parsePaletteAnswer(content)).toEqual(palettes)
  })

  it('keeps brackets and quotes in a name as they are', () => {
    const odd = [{ name: 'a "]}" \\\\', colors: [] }]
    const json = JSON.stringify({ palettes: odd })
    expect(parsePaletteAnswer(`${json.slice(0, -2)},{"name":`)).toEqual(odd)
  })

  it.each([
    '',
    'Sorry, I cannot do that.',
    '{"palettes": [',
    '{"palettes": [{"name": "Sky"',
    '{"colours": []}',
    '<html></html>',
    'null',
  ])('is invalid when it is %j', (content) => {
    expect(() => parsePaletteAnswer(content)).toThrow(
      expect.objectContaining({ category: 'invalid_output', retryable: true }),
    )
  })
})
