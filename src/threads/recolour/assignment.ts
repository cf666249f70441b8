import type { Lab } from '../colour/oklab.ts'
import type { Adjacency, Tone } from '../protocol.ts'
import {
  BACKGROUND_ROLE,
  pairCosts,
  paletteCost,
  ROLE_COUNT,
  singleCosts,
  type Backdrop,
} from './assignment-costs.ts'

/**
 * Chooses a palette colour for every tone: the assignment with the lowest cost of all. Tone 0 takes the
 * background's colour when the image has a background; where it is transparent in place of that, large tones leave this
 * colour alone, which may be that of the page that shows through. The cost counts edges that would vanish, text that
 * could not be read on the background, ramps between unlike colours, unused palette colours, a turned order
 * of lightness, areas that do not follow the roles, turned hues, and light things that become dark or dark ones light. What
 * may be one thing, lit and shaded, pays more for a turned order and for two hues.
 *
 * Returns a palette index for each tone.
 */
export function assignColours(
  tones: readonly Tone[],
  backdrop: Backdrop,
  adjacency: Adjacency,
  palette: readonly Lab[],
): number[] {
  const count = tones.length
  const hasBackground = backdrop === 'region'
  const pair = pairCosts(tones, hasBackground, adjacency, palette)
  const single = singleCosts(tones, backdrop, adjacency, palette)
  // The largest first, and of its roles the cheapest first: the sooner a good assignment is known, the more of the
  // others need not be looked at.
  const order = tones.map((_, tone) => tone).toSorted((a, b) => tones[b]!.share - tones[a]!.share)
  const chosen: number[] = Array.from({ length: count }, () => 0)
  let best: number[] = []
  let bestCost = Infinity

  const visit = (depth: number, cost: number): void => {
    if (depth === count) {
      const total = cost + paletteCost(chosen, tones, hasBackground)
      if (total < bestCost) [best, bestCost] = [[...chosen], total]
      return
    }
    const tone = order[depth]!
    const candidates: { role: number; cost: number }[] = []
    for (let role = 0; role < ROLE_COUNT; role++) {
      if (hasBackground && tone === 0 && role !== BACKGROUND_ROLE) continue
      let total = cost + single[tone * ROLE_COUNT + role]!
      for (let earlier = 0; earlier < depth; earlier++) {
        const other = order[earlier]!
        total += pair[((tone * count + other) * ROLE_COUNT + role) * ROLE_COUNT + chosen[other]!]!
      }
      if (total < bestCost) candidates.push({ role, cost: total })
    }
    candidates.sort((one, other) => one.cost - other.cost)
    for (const candidate of candidates) {
      if (candidate.cost >= bestCost) return
      chosen[tone] = candidate.role
      visit(depth + 1, candidate.cost)
    }
  }
  visit(0, 0)
  return best
}
