import { expect, test } from 'vitest'
import type { Adjacency, Tone } from '../../../src/threads/protocol.ts'
import { assignColours } from '../../../src/threads/recolour/assignment.ts'
import { labOfHex, NIGHT, OCEAN } from '../picture.ts'

const tone = (hex: string, share: number): Tone => ({ lab: labOfHex(hex), share })

function adjacency(
  size: number,
  edges: readonly [number, number][],
  ramps: readonly [number, number][] = [],
): Adjacency {
  const fill = (pairs: readonly [number, number][], value: number) => {
    const matrix = new Float64Array(size * size)
    for (const [one, other] of pairs) matrix[one * size + other] = matrix[other * size + one] = value
    return matrix
  }
  return { size, edge: fill(edges, 1 / Math.max(1, edges.length)), ramp: fill(ramps, 1) }
}

const palette = (colors: readonly string[]) => colors.map((hex) => labOfHex(hex))

test('the background takes the background’s colour, whatever its own is', () => {
  for (const ground of ['#FFFFFF', '#101010', '#8844CC']) {
    const tones = [tone(ground, 0.6), tone('#D02030', 0.4)]
    expect(assignColours(tones, 'region', adjacency(2, [[0, 1]]), palette(OCEAN))[0]).toBe(3)
  }
})

test('without a background no tone is forced', () => {
  const chosen = assignColours(
    [tone('#D02030', 0.5), tone('#20A040', 0.5)],
    'none',
    adjacency(2, [[0, 1]]),
    palette(OCEAN),
  )
  expect(chosen[0]).not.toBe(chosen[1])
})

test('tones that meet at an edge get different colours, and the palette is used up', () => {
  const tones = [
    tone('#FFFFFF', 0.5),
    tone('#D02030', 0.2),
    tone('#20A040', 0.15),
    tone('#2040C0', 0.1),
    tone('#F0C020', 0.05),
  ]
  const meeting = adjacency(5, [
    [0, 1],
    [0, 2],
    [0, 3],
    [0, 4],
    [1, 2],
    [3, 4],
  ])
  for (const colors of [OCEAN, NIGHT]) {
    expect(new Set(assignColours(tones, 'region', meeting, palette(colors))).size).toBe(5)
  }
})

test('black lines on a light ground get a colour that stands out on a dark one', () => {
  const tones = [tone('#FFFFFF', 0.8), tone('#000000', 0.2)]
  const [, lines] = assignColours(tones, 'region', adjacency(2, [[0, 1]]), palette(NIGHT))
  const [ground, colour] = [labOfHex(NIGHT[3]), labOfHex(NIGHT[lines! as 0])]
  expect(colour[0] - ground[0]).toBeGreaterThan(0.4)
})

test('a thing that is lit from one side has one hue in a palette of pastels as well', () => {
  const pastels = ['#FFADAD', '#FFD6A5', '#CAFFBF', '#FDFFFC', '#9BF6FF']
  const tones = [tone('#F5F1EB', 0.66), tone('#EFE5F5', 0.1), tone('#CCBEDD', 0.08), tone('#59479A', 0.16)]
  const meeting = adjacency(
    4,
    [
      [0, 3],
      [1, 3],
      [2, 3],
    ],
    [[1, 2]],
  )
  const [, light, lessLight] = assignColours(tones, 'region', meeting, palette(pastels))
  expect(light).toBe(lessLight)
})

test('a soft thing does not take the ground’s colour in a palette of pastels on a dark one', () => {
  const colors = ['#FFADAD', '#FFD6A5', '#CAFFBF', '#101018', '#9BF6FF']
  const tones = [tone('#FFFFFF', 0.6), tone('#D02030', 0.3), tone('#1F3A5F', 0.1)]
  const soft = adjacency(
    3,
    [
      [0, 2],
      [1, 2],
    ],
    [[0, 1]],
  )
  expect(assignColours(tones, 'region', soft, palette(colors)).slice(1)).not.toContain(3)
})

test('one thing that is lit keeps one colour in the palest of palettes', () => {
  const pale = ['#FFD6D6', '#FFE8CC', '#E3F7DA', '#FFFFFF', '#D6F3FA']
  const lit = [tone('#F0B0A0', 0.03), tone('#903020', 0.02)]
  const tones = [tone('#FFFFFF', 0.86), ...lit, tone('#20A040', 0.05), tone('#C0A020', 0.04)]
  const meeting = adjacency(
    5,
    [
      [0, 1],
      [0, 2],
      [0, 3],
      [0, 4],
    ],
    [[1, 2]],
  )
  const [, light, dark] = assignColours(tones, 'region', meeting, palette(pale))
  expect(light).toBe(dark)
})

test('a dark thing on nothing does not take the colour that a dark page behind it may have', () => {
  for (const tones of [[tone('#000000', 1)], [tone('#000000', 0.6), tone('#D02030', 0.4)]]) {
    const edges = tones.length > 1 ? ([[0, 1]] as const) : []
    const chosen = assignColours(
      tones,
      'transparent',
      adjacency(
        tones.length,
        [...edges].map(([a, b]) => [a, b]),
      ),
      palette(NIGHT),
    )
    expect(chosen).not.toContain(3)
  }
})

test('what touches nothing but a ground that turns light stands out from it, however much else there is', () => {
  const tones = [tone('#0B1020', 0.6), tone('#FFE080', 0.04), tone('#FFC040', 0.04), tone('#40A0E0', 0.32)]
  const edge = new Float64Array(16)
  const ramp = new Float64Array(16)
  for (const [one, other, share] of [
    [0, 1, 0.025],
    [0, 2, 0.025],
    [0, 3, 0.95],
  ] as const)
    edge[one * 4 + other] = edge[other * 4 + one] = share
  ramp[1 * 4 + 2] = ramp[2 * 4 + 1] = 0.4
  const chosen = assignColours(tones, 'region', { size: 4, edge, ramp }, palette(OCEAN))
  const [ground, bright, dim] = chosen.map((role) => labOfHex(OCEAN[role as 0])[0])
  expect(ground! - bright!).toBeGreaterThan(0.3)
  expect(ground! - dim!).toBeGreaterThan(0.3)
})

test('what is light stays light and what is dark stays dark, where the ground does', () => {
  const tones = [tone('#FFFFFF', 0.6), tone('#FBE3C0', 0.2), tone('#000000', 0.1), tone('#E04040', 0.1)]
  const drawn = adjacency(4, [
    [0, 2],
    [1, 2],
    [1, 3],
  ])
  for (const colors of [OCEAN, ['#101010', '#404040', '#888888', '#FFFFFF', '#CCCCCC']]) {
    const [ground, body, lines, cheeks] = assignColours(tones, 'region', drawn, palette(colors)).map(
      (role) => labOfHex(colors[role]!)[0],
    )
    expect(ground).toBeGreaterThan(0.9)
    expect(body).toBeGreaterThan(0.75)
    expect(lines).toBeLessThan(0.4)
    expect(cheeks).toBeGreaterThan(lines!)
    expect(cheeks).toBeLessThan(body!)
  }
})

test('what shines on a dark ground stands out from a light one', () => {
  const tones = [tone('#0B1020', 0.6), tone('#FFC040', 0.4)]
  const [ground, star] = assignColours(tones, 'region', adjacency(2, [[0, 1]]), palette(OCEAN))
  expect(labOfHex(OCEAN[ground as 3])[0] - labOfHex(OCEAN[star as 0])[0]).toBeGreaterThan(0.5)
})

test('tones that run into each other are one colour or two that are near', () => {
  const colors = ['#C01020', '#D83040', '#1050C0', '#FFFFFF', '#10A040']
  const tones = [tone('#FFFFFF', 0.5), tone('#F08020', 0.25), tone('#F0A040', 0.25)]
  const running = adjacency(
    3,
    [
      [0, 1],
      [0, 2],
    ],
    [[1, 2]],
  )
  const [, one, other] = assignColours(tones, 'region', running, palette(colors))
  expect([0, 1]).toContain(one)
  expect([0, 1]).toContain(other)
})

test('a thing that is lit from one side and shaded on the other has one hue', () => {
  const light = tone('#EFE5F5', 0.1)
  const lessLight = tone('#CCBEDD', 0.08)
  const shade = tone('#B5A5CB', 0.06)
  const tones = [tone('#F5F1EB', 0.66), light, lessLight, shade, tone('#59479A', 0.07), tone('#443B54', 0.03)]
  const meeting = adjacency(
    6,
    [
      [0, 3],
      [0, 4],
      [1, 4],
      [2, 4],
      [2, 5],
    ],
    [
      [1, 2],
      [2, 3],
    ],
  )
  for (const colors of [OCEAN, ['#E63946', '#F1C40F', '#1D3557', '#FFFFFF', '#000000']]) {
    const [, ...thing] = assignColours(tones, 'region', meeting, palette(colors))
    expect(new Set(thing.slice(0, 3)).size).toBe(1)
  }
})

test('sides of one hue keep their order from light to dark', () => {
  const sides = [tone('#78D477', 0.15), tone('#43A047', 0.14), tone('#00701A', 0.034), tone('#004300', 0.033)]
  const tones = [tone('#FFFFFF', 0.643), ...sides]
  const meeting = adjacency(5, [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
    [2, 4],
    [3, 4],
  ])
  const greys = ['#111111', '#444444', '#888888', '#FFFFFF', '#CCCCCC']
  const greens = ['#2D6A4F', '#52B788', '#95D5B2', '#F1FAEE', '#1B4332']
  for (const colors of [greys, greens]) {
    const chosen = assignColours(tones, 'region', meeting, palette(colors)).slice(1)
    const lightness = chosen.map((role) => labOfHex(colors[role]!)[0])
    expect(lightness).toEqual(lightness.toSorted((one, other) => other - one))
    expect(new Set(chosen).size).toBe(4)
  }
})

test('the same question has the same answer', () => {
  const tones = [tone('#777777', 0.5), tone('#888888', 0.25), tone('#999999', 0.25)]
  const meeting = adjacency(3, [
    [0, 1],
    [1, 2],
  ])
  const answers = Array.from({ length: 5 }, () =>
    assignColours(tones, 'none', meeting, palette(OCEAN)).join(),
  )
  expect(new Set(answers).size).toBe(1)
})
