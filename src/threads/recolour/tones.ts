import type { Lab } from '../colour/oklab.ts'
import type { Tone } from '../protocol.ts'
import { MAX_TONES } from './node-registry.ts'

const ROUNDS = 8
/** Tones closer than this are one tone in two shades. */
const MIN_DISTANCE = 0.09
/** A region smaller than this share of the image is a shade of another. */
const MIN_SHARE = 0.0012
/** Cells of OKLab in which colours are gathered before they are clustered. */
const CELLS_PER_UNIT = 50

type Cell = { weight: number; l: number; a: number; b: number }

/**
 * Finds the tones of an image by k-means over its colours, seeded with the background and then, one by one,
 * with the colour that has the most weight at the greatest distance from all seeds. Tone 0 is the background
 * when there is one.
 *
 * `labs` holds three values a colour; `weights` says how many flat pixels have the colour.
 */
export function findTones(labs: Float64Array, weights: Uint32Array, background: Lab | undefined): Tone[] {
  const cells = gatherCells(labs, weights)
  const total = cells.reduce((sum, cell) => sum + cell.weight, 0)
  if (total === 0) return []
  const centres: Lab[] = background ? [background] : []
  while (centres.length < MAX_TONES) {
    const seed = farthestCell(cells, centres, total * MIN_SHARE)
    if (!seed) break
    centres.push([seed.l, seed.a, seed.b])
  }
  for (let round = 0; round < ROUNDS; round++) settle(cells, centres, background ? 1 : 0)
  return toTones(cells, centres, total, background !== undefined)
}

function gatherCells(labs: Float64Array, weights: Uint32Array): Cell[] {
  const byKey = new Map<number, Cell>()
  for (let colour = 0; colour < weights.length; colour++) {
    const weight = weights[colour]!
    if (weight === 0) continue
    const l = labs[colour * 3]!
    const a = labs[colour * 3 + 1]!
    const b = labs[colour * 3 + 2]!
    const key =
      (Math.round(l * CELLS_PER_UNIT) * 64 + Math.round((a + 0.5) * CELLS_PER_UNIT)) * 64 +
      Math.round((b + 0.5) * CELLS_PER_UNIT)
    let cell = byKey.get(key)
    if (!cell) byKey.set(key, (cell = { weight: 0, l: 0, a: 0, b: 0 }))
    cell.weight += weight
    cell.l += weight * l
    cell.a += weight * a
    cell.b += weight * b
  }
  return [...byKey.values()].map(({ weight, l, a, b }) => ({
    weight,
    l: l / weight,
    a: a / weight,
    b: b / weight,
  }))
}

function squared(cell: Cell, lab: Lab): number {
  const l = cell.l - lab[0]
  const a = cell.a - lab[1]
  const b = cell.b - lab[2]
  return l * l + a * a + b * b
}

function nearest(cell: Cell, centres: readonly Lab[]): { index: number; distance: number } {
  let index = 0
  let distance = Infinity
  for (let i = 0; i < centres.length; i++) {
    const d = squared(cell, centres[i]!)
    if (d < distance) {
      index = i
      distance = d
    }
  }
  return { index, distance }
}

function farthestCell(cells: readonly Cell[], centres: readonly Lab[], minWeight: number): Cell | undefined {
  let best: Cell | undefined
  let bestScore = 0
  for (const cell of cells) {
    const { distance } = centres.length > 0 ? nearest(cell, centres) : { distance: 1 }
    if (distance < MIN_DISTANCE ** 2 || cell.weight < minWeight / 4) continue
    const score = distance * Math.sqrt(Math.sqrt(cell.weight))
    if (score > bestScore) [best, bestScore] = [cell, score]
  }
  return best
}

/** One round of Lloyd's algorithm; the first `fixed` centres stay where they are. */
function settle(cells: readonly Cell[], centres: Lab[], fixed: number): void {
  const sums = centres.map(() => [0, 0, 0, 0] as [number, number, number, number])
  for (const cell of cells) {
    const sum = sums[nearest(cell, centres).index]!
    sum[0] += cell.weight
    sum[1] += cell.weight * cell.l
    sum[2] += cell.weight * cell.a
    sum[3] += cell.weight * cell.b
  }
  for (let i = fixed; i < centres.length; i++) {
    const [weight, l, a, b] = sums[i]!
    if (weight > 0) centres[i] = [l / weight, a / weight, b / weight]
  }
}

function toTones(cells: readonly Cell[], centres: Lab[], total: number, hasBackground: boolean): Tone[] {
  let kept = centres
  for (;;) {
    const weights = kept.map(() => 0)
    for (const cell of cells) weights[nearest(cell, kept).index]! += cell.weight
    const tones = kept.map((lab, i) => ({ lab, share: weights[i]! / total }))
    const smallest = tones.findIndex((tone, i) => (i > 0 || !hasBackground) && tone.share < MIN_SHARE)
    if (smallest < 0 || kept.length === 1) return tones
    kept = kept.filter((_, i) => i !== smallest)
  }
}
