import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RUN_FIELDS } from '../../../src/threads/recolour/even-runs.ts'
import { pixelKernel } from '../../../src/threads/kernel.ts'
import { paintOpaque } from '../../../src/threads/recolour/painter.ts'
import { analyseRegions } from '../../../src/threads/recolour/region-analysis.ts'
import { recolour } from '../../../src/threads/recolour/variation.ts'
import { OCEAN } from '../picture.ts'
import { DRAWINGS } from './drawings.ts'

/** What the drawings become; only a change of the rules may change it. */
const DIGESTS: Readonly<Record<string, string>> = {
  'flat fields': 'd3f31c3585bb5665369c7d528eac0e37',
  'discs with soft rims on a ground': 'c368e775c29f45e2c1d57a05acb8f853',
  'shades that run into each other': '1dff80994b91f7ee9b47d2491d040777',
  'shades with edges and lines': 'b129db7b28e3ebb6b87e7efbf9410611',
  'a ground with noise and a glow': 'f2cf6c35ce07565655d2bf2b9665008c',
  'transparent discs': 'e8462580e07705b23a5ab23bb804e180',
  noise: '2dffade673b97acc1965517b3e054f7c',
}

const digestOf = (name: string) => {
  const image = DRAWINGS[name]!()
  const { pixels } = recolour(image, analyseRegions(image), OCEAN, 1)
  return createHash('sha256').update(pixels).digest('hex').slice(0, 32)
}

test.each(Object.keys(DRAWINGS))('the same bytes on every machine: %s', (name) => {
  expect(digestOf(name)).toBe(DIGESTS[name])
})

test('what one picture leaves in the memory does not show in the next', () => {
  for (const name of Object.keys(DRAWINGS).toReversed()) expect(digestOf(name)).toBe(DIGESTS[name])
})

/** Runs and single nodes in turn, as they lie in a picture: each run a multiple of four pixels from sixteen on. */
const anyNodes = fc.array(
  fc.record({
    odd: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 10 }).map((groups) => groups.flatMap(foursOf)),
    run: fc.integer({ min: 4, max: 6_000 }).map((groups) => groups * 4),
    node: fc.integer({ min: 0, max: 8 }),
  }),
  { minLength: 1, maxLength: 8 },
)

const foursOf = (node: number) => [node, (node * 5 + 1) % 9, (node * 7 + 2) % 9, (node * 2 + 3) % 9]

test('every pixel has the colour of its node, whether an even run holds it or not', () => {
  fc.assert(
    fc.property(
      anyNodes,
      fc.integer({ min: 0, max: 3 }),
      fc.array(fc.integer({ min: 0, max: 0xffffff }), { minLength: 9, maxLength: 9 }),
      (parts, rest, colours) => {
        const plain: number[] = []
        const pixelNodes: number[] = []
        const evenRuns: number[] = []
        for (const { odd, run, node } of parts) {
          pixelNodes.push(...odd)
          for (const each of odd) plain.push(colours[each]!)
          evenRuns.push(plain.length, plain.length + run, node)
          for (let pixel = 0; pixel < run; pixel++) plain.push(colours[node]!)
        }
        for (let pixel = 0; pixel < rest; pixel++) {
          pixelNodes.push(pixel)
          plain.push(colours[pixel]!)
        }
        const pixels = new Uint8Array(plain.length * 3)
        const regions = { pixelNodes: shared(pixelNodes), evenRuns: Uint32Array.from(evenRuns) }
        const { memory, paintColours } = pixelKernel()
        new Uint32Array(memory.buffer, paintColours.value, colours.length).set(colours)
        paintOpaque(pixels, regions)
        const wanted = Uint8Array.from(
          plain.flatMap((colour) => [colour & 255, (colour >> 8) & 255, colour >> 16]),
        )
        expect(Buffer.compare(pixels, wanted)).toBe(0)
      },
    ),
    { numRuns: 15 },
  )
})

function shared(nodes: readonly number[]): Uint16Array {
  const result = new Uint16Array(new SharedArrayBuffer(nodes.length * 2))
  result.set(nodes)
  return result
}

test('runs are whole groups of four pixels, in order, and all pixels beside them have nodes', () => {
  for (const draw of Object.values(DRAWINGS)) {
    const image = draw()
    const { evenRuns, pixelNodes, nodes } = analyseRegions(image)
    let even = 0
    let behind = 0
    for (let run = 0; run < evenRuns.length; run += RUN_FIELDS) {
      const [start, end, node] = evenRuns.subarray(run, run + RUN_FIELDS) as unknown as [
        number,
        number,
        number,
      ]
      expect(start).toBeGreaterThanOrEqual(behind)
      expect([start % 4, end % 4]).toEqual([0, 0])
      expect(end - start).toBeGreaterThanOrEqual(16)
      expect(node).toBeLessThan(nodes.keys.length)
      even += end - start
      behind = end
    }
    expect(even + pixelNodes.length).toBe(image.width * image.height)
    expect(pixelNodes.every((node) => node < nodes.keys.length)).toBe(true)
  }
})
