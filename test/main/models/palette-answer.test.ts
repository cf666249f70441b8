import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { parsePaletteAnswer } from '../../../src/main/models/palette-answer.ts'
import { Failure } from '../../../src/processors/failure.ts'
import { BOUNDS, watchResources } from '../../setup/resource-watch.ts'

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

  it('is read to its end in a moment, however it nests', async () => {
    const watch = watchResources()
    // For the watch to begin, and below, to see what it was kept from seeing.
    await delay(50)
    const nested = `${'['.repeat(30_000)}${'{}'.repeat(30_000)}`
    expect(() => parsePaletteAnswer(nested)).toThrow(Failure)
    await delay(50)
    watch.stop()
    expect(watch.seen().loopDelayMs).toBeLessThan(BOUNDS.loopDelayMs)
  })

  it('counts only as far as any palettes could reach', () => {
    expect(() => parsePaletteAnswer(`${'-'.repeat(200_000)}${whole}`)).toThrow(Failure)
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
