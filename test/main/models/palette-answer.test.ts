import { describe, expect, it } from 'vitest'
import { parsePaletteAnswer } from '../../../src/main/models/palette-answer.ts'

const palettes = [{ name: 'Sea', colors: ['#000000'] }]

describe('the answer of the palette model', () => {
  it.each([
    ['an object', JSON.stringify({ palettes })],
    ['a bare list', JSON.stringify(palettes)],
    ['a fenced block', `Here you are:\n\`\`\`json\n${JSON.stringify({ palettes })}\n\`\`\`\nEnjoy!`],
    ['thoughts first', `<think>maybe {"palettes": []}?</think>${JSON.stringify({ palettes })}`],
  ])('is read from %s', (_, content) => {
    expect(parsePaletteAnswer(content)).toEqual(palettes)
  })

  it.each(['', 'Sorry, I cannot do that.', '{"palettes": [', '{"colours": []}', '<html></html>', 'null'])(
    'is invalid when it is %j',
    (content) => {
      expect(() => parsePaletteAnswer(content)).toThrow(
        expect.objectContaining({ category: 'invalid_output', retryable: true }),
      )
    },
  )
})
