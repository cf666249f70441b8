import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { inksOn, type Scheme } from '../../../../src/main/embedded/model-server/drawing/colour-scheme.ts'
import { distance } from '../../../../src/main/embedded/model-server/drawing/colour-space.ts'
import { motifsIn, MOTIFS } from '../../../../src/main/embedded/model-server/drawing/motif-catalogue.ts'
import { Definitions, Pen } from '../../../../src/main/embedded/model-server/drawing/pen.ts'
import { promptWords } from '../../../../src/main/embedded/model-server/prompt-words.ts'
import { SeededRandom } from '../../../../src/main/embedded/model-server/seeded-random.ts'

const motifNames = (prompt: string) => motifsIn(promptWords(prompt), 2).map(({ name }) => name)

describe('the subjects of a prompt', () => {
  test.each([
    ['Logo: A mountain with a rising sun. Theme: adventure', ['mountain', 'sun']],
    ['Logo: coffee shop. Theme: ocean blue', ['cup']],
    ['puppies and kittens', ['dog', 'cat']],
    ['leaves', ['leaf']],
    ['real estate agency', ['house']],
    ['emerald fox', ['fox']],
    ['lightbulb moments', ['bulb']],
    ['a light bulb', ['bulb']],
    ['a rocket, no stars, avoid clouds', ['rocket']],
    ['Zephyr. Theme: mountain', []],
    ['Theme: mountain', ['mountain']],
    ['xylomorph', []],
  ])('are found: %s', (prompt, names) => {
    expect(motifNames(prompt)).toEqual(names)
  })

  test('are known by their own names', () => {
    for (const { name } of MOTIFS) expect(motifNames(`a ${name}`)).toEqual([name])
  })
})

describe('every motif', () => {
  const scheme: Scheme = {
    tone: 'plain',
    dark: false,
    canvas: '#FFFFFF',
    main: '#2463D8',
    second: '#2E9E4F',
    accent: '#F5A30B',
  }

  test.each(MOTIFS.map((motif) => [motif.name, motif] as const))(
    'is drawn inside its square: %s',
    async (_, motif) => {
      const definitions = new Definitions()
      const pen = new Pen(definitions, inksOn('#FFFFFF', scheme), new SeededRandom(motif.name), true)
      const drawn = motif.draw(pen)
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-125 -125 250 250" width="125" height="125">${definitions.toSvg()}${drawn}</svg>`
      expect(svg).not.toMatch(/NaN|undefined|<text/)
      const alpha = await sharp(Buffer.from(svg)).ensureAlpha().extractChannel(3).raw().toBuffer()
      const covered = alpha.filter((value) => value > 127).length
      expect(covered / alpha.length).toBeGreaterThan(0.08)
      // A margin of twelve units around the square from -100 to 100 stays empty.
      const outside = alpha.filter(
        (value, i) => value > 127 && (i % 125 < 6 || i % 125 > 118 || i < 6 * 125 || i >= 119 * 125),
      )
      expect(outside).toHaveLength(0)
    },
  )

  test.each(['#FFFFFF', '#E9F1FB', '#2463D8', '#101830', '#F5A30B', '#777777'] as const)(
    'stands out from its ground: %s',
    (ground) => {
      const { body, second, accent } = inksOn(ground, scheme)
      expect(distance(body, ground)).toBeGreaterThan(0.2)
      expect(distance(second, ground)).toBeGreaterThan(0.12)
      expect(distance(accent, ground)).toBeGreaterThan(0.12)
    },
  )
})
