import fc from 'fast-check'

/** The nodes of a picture, pixel by pixel. */
export type PictureOfNodes = {
  readonly width: number
  readonly height: number
  readonly nodeCount: number
  readonly nodes: Uint16Array
}

/** How a picture goes on: with new pixels, with many of one node, or with what came before, some of it changed. */
type Step =
  | { readonly kind: 'new'; readonly seed: number; readonly pixels: number }
  | { readonly kind: 'run'; readonly seed: number; readonly pixels: number }
  | { readonly kind: 'copy'; readonly back: number; readonly pixels: number; readonly changed: number }

const step = (most: number): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.record({ kind: fc.constant('new' as const), seed: fc.nat(), pixels: fc.integer({ min: 1, max: 60 }) }),
    fc.record({
      kind: fc.constant('run' as const),
      seed: fc.nat(),
      pixels: fc.integer({ min: 1, max: most }),
    }),
    fc.record({
      kind: fc.constant('copy' as const),
      back: fc.integer({ min: 1, max: most }),
      pixels: fc.integer({ min: 1, max: most }),
      changed: fc.integer({ min: 0, max: 5 }),
    }),
  )

/** Pictures that repeat themselves in every way: in runs, rows above, and farther back than a file can reach. */
export function anyNodes(maxWidth: number, maxPixels: number): fc.Arbitrary<PictureOfNodes> {
  return fc
    .record({
      width: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: maxWidth })),
      pixels: fc.integer({ min: 1, max: maxPixels }),
      nodeCount: fc.constantFrom(1, 2, 5, 300, 0xffff),
      steps: fc.array(step(20_000), { minLength: 1, maxLength: 30 }),
    })
    .map(({ width, pixels, nodeCount, steps }) => {
      const height = Math.max(1, Math.min(16_384, Math.floor(pixels / width)))
      return { width, height, nodeCount, nodes: goOn(width * height, nodeCount, steps) }
    })
}

function goOn(count: number, nodeCount: number, steps: readonly Step[]): Uint16Array {
  const nodes = new Uint16Array(count)
  const draw = (seed: number) => Math.floor(((Math.imul(seed + 1, 0x9e3779b1) >>> 0) / 2 ** 32) * nodeCount)
  for (let at = 0, turn = 0; at < count; turn++) {
    const next = steps[turn % steps.length]!
    const end = Math.min(count, at + next.pixels)
    if (next.kind === 'run') nodes.fill(draw(next.seed + turn), at, end)
    else if (next.kind === 'new') for (let i = at; i < end; i++) nodes[i] = draw(next.seed + i)
    else {
      for (let i = at; i < end; i++) nodes[i] = nodes[Math.max(0, i - next.back)]!
      for (let i = 0; i < next.changed; i++) nodes[at + ((i * 7919 + turn) % (end - at))] = draw(i + turn)
    }
    at = end
  }
  return nodes
}
