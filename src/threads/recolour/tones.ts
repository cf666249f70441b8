import type { Lab } from '../colour/oklab.ts'
import type { Tone } from '../protocol.ts'
import { MAX_TONES } from './mixture.ts'

const ROUNDS = 8
/** Tones closer than this are one tone in two shades. */
const MIN_DISTANCE = 0.09
/** A region smaller than this share of the image is a shade of another. */
const MIN_SHARE = 0.0012
/** Cells of OKLab in which colours are gathered before they are clustered. */
const CELLS_PER_UNIT = 50
/** Bits of a part of a cell's key; green-red and blue-yellow are moved so that none is negative. */
const KEY_BITS = 6
const KEY_OFFSET = 0.5

type Cell = { weight: number; l: number; a: number; b: number }

/** The background as the search for tones sees it. */
export type Ground = {
  readonly lab: Lab
  /** How many samples it has; they are its own, whatever their colour. */
  readonly samples: number
  /** True when the subject may run into it; otherwise no other sample is of its tone. */
  readonly open: boolean
}

/**
 * Finds the tones of an image by k-means over its colours, seeded one by one with the colour that has the most
 * weight at the greatest distance from all seeds. Tone 0 is the background's when there is one.
 *
 * `labs` holds three values a sample; `counts` is 1 for each sample that shows its colour for itself, and is not
 * of the background.
 */
export function findTones(labs: Float32Array, counts: Uint8Array, ground: Ground | undefined): Tone[] {
  const cells = gatherCells(labs, counts)
  const total = cells.reduce((sum, cell) => sum + cell.weight, ground?.samples ?? 0)
  if (total === 0) return []
  const centres: Lab[] = []
  const fixed = ground?.open ? 1 : 0
  if (ground?.open) centres.push(ground.lab)
  while (centres.length < MAX_TONES - (ground && !ground.open ? 1 : 0)) {
    const seed = farthestCell(cells, centres, total * MIN_SHARE)
    if (!seed) break
    centres.push([seed.l, seed.a, seed.b])
  }
  for (let round = 0; round < ROUNDS && centres.length > 0; round++) settle(cells, centres, fixed)
  const tones = toTones(cells, centres, total, fixed)
  if (!ground) return tones
  const own = ground.samples / total
  if (!ground.open) return [{ lab: ground.lab, share: own }, ...tones]
  return tones.map((tone, i) => (i === 0 ? { ...tone, share: tone.share + own } : tone))
}

/** Number of each key's cell, plus one; all 0 between two images. There are fewer samples than it can count. */
const numberOfKey = new Uint16Array(1 << (3 * KEY_BITS))

function gatherCells(labs: Float32Array, counts: Uint8Array): Cell[] {
  const cells: Cell[] = []
  const keys: number[] = []
  let cell: Cell | undefined
  let last = 0
  for (let sample = 0; sample < counts.length; sample++) {
    if (counts[sample] === 0) continue
    const l = labs[sample * 3]!
    const a = labs[sample * 3 + 1]!
    const b = labs[sample * 3 + 2]!
    // Most samples have the colour of the one before.
    if (!cell || l !== labs[last]! || a !== labs[last + 1]! || b !== labs[last + 2]!) {
      last = sample * 3
      const key = (((keyPart(l) << KEY_BITS) | keyPart(a + KEY_OFFSET)) << KEY_BITS) | keyPart(b + KEY_OFFSET)
      cell = cells[numberOfKey[key]! - 1]
      if (!cell) {
        cell = { weight: 0, l: 0, a: 0, b: 0 }
        numberOfKey[key] = cells.push(cell)
        keys.push(key)
      }
    }
    cell.weight++
    cell.l += l
    cell.a += a
    cell.b += b
  }
  for (const each of cells) {
    each.l /= each.weight
    each.a /= each.weight
    each.b /= each.weight
  }
  for (const key of keys) numberOfKey[key] = 0
  return cells
}

function keyPart(value: number): number {
  return Math.min((1 << KEY_BITS) - 1, Math.max(0, Math.round(value * CELLS_PER_UNIT)))
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

/** The first `fixed` centres stay, however small they are. */
function toTones(cells: readonly Cell[], centres: readonly Lab[], total: number, fixed: number): Tone[] {
  let kept = centres
  for (;;) {
    const weights = kept.map(() => 0)
    if (kept.length > 0) for (const cell of cells) weights[nearest(cell, kept).index]! += cell.weight
    const tones = kept.map((lab, i) => ({ lab, share: weights[i]! / total }))
    const smallest = tones.findIndex((tone, i) => i >= fixed && tone.share < MIN_SHARE)
    if (smallest < 0 || kept.length === 1) return tones
    kept = kept.filter((_, i) => i !== smallest)
  }
}
