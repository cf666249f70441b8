import { labDistance, type Lab } from '../colour/oklab.ts'
import type { Adjacency, Tone } from '../protocol.ts'

/** Places of the roles in a palette. */
export const BACKGROUND_ROLE = 3
export const ROLE_COUNT = 5
/** The roles by the area that they should fill, most first. */
const ROLES_BY_AREA = [0, 1, 2, 4] as const

/** How much each wish weighs against the others. */
const WEIGHTS = {
  edge: 12,
  legibility: 6,
  ramp: 18,
  unused: 2.5,
  area: 0.5,
  order: 2,
  orderWithin: 16,
  hueWithin: 16,
  hue: 6,
  lightness: 20,
  shared: 60,
  ground: 1.5,
  vanishing: 4.5,
  split: 6,
}

/** What is behind the subject: a region of its own, whose tone is the first; what shows through; or nothing of either. */
export type Backdrop = 'region' | 'transparent' | 'none'

/** Tones closer than this (OKLab) look like one colour, and should not become two that differ. */
const ALIKE_DISTANCE = 0.09

/** Tones whose hues differ by less than this (OKLab) may be one thing in more light and in less. */
const ONE_HUE_DISTANCE = 0.03

/** A ground whose lightness (OKLab) changes by this or more has gone from dark to light, or back. */
const TURNED_LIGHTNESS = 0.5

/** The mean distance (OKLab) between two colours of a palette of usual contrast; that of pastels is half of it. */
const USUAL_DISTANCE = 0.3
const MAX_EMPHASIS = 3

/** What it costs that a tone takes a role, whatever the others do. */
export function singleCosts(
  tones: readonly Tone[],
  backdrop: Backdrop,
  adjacency: Adjacency,
  palette: readonly Lab[],
): Float64Array {
  const costs = new Float64Array(tones.length * ROLE_COUNT)
  const turned = backdrop === 'region' ? groundTurned(tones[0]!.lab, palette[BACKGROUND_ROLE]!) : 0
  for (const [index, { lab, share }] of tones.entries()) {
    const weight = Math.sqrt(share)
    // What lies on a ground that goes from dark to light has to stand out from it, and need not stay light itself.
    const kept = 1 - turned * shareOnGround(index, adjacency)
    const steps = lightnessSteps(lab, palette, backdrop)
    for (const [role, colour] of palette.entries()) {
      const turn = hueDistance(lab, colour)
      const step = steps[role]!
      let cost = WEIGHTS.hue * weight * turn * turn + WEIGHTS.lightness * weight * kept * step * step
      if (role === BACKGROUND_ROLE && backdrop === 'transparent') cost += WEIGHTS.ground * weight
      if (role === BACKGROUND_ROLE && backdrop === 'region' && index > 0) {
        const unlikeness = Math.min(1, labDistance(lab, tones[0]!.lab) / ALIKE_DISTANCE)
        const perUnlikeness = WEIGHTS.ground + WEIGHTS.vanishing * lostOnGround(lab, tones[0]!.lab, colour)
        cost += perUnlikeness * (0.3 + weight) * unlikeness
      }
      costs[index * ROLE_COUNT + role] = cost
    }
  }
  return costs
}

/**
 * How much lighter or darker than a tone each colour is. The colour that the page behind a transparent image may have is no
 * nearer than the others: as dark as the tone it may be, but the tone would vanish in it.
 */
function lightnessSteps([lightness]: Lab, palette: readonly Lab[], backdrop: Backdrop): number[] {
  const steps = palette.map((colour) => Math.abs(lightness - colour[0]))
  if (backdrop !== 'transparent') return steps
  const least = Math.min(...ROLES_BY_AREA.map((role) => steps[role]!))
  return steps.map((step, role) => (role === BACKGROUND_ROLE ? Math.max(step, least) : step))
}

/** How much of a tone's step from the ground is lost (0 to 1) where the ground becomes too light or too dark to take it. */
function lostOnGround(tone: Lab, before: Lab, after: Lab): number {
  const step = tone[0] - before[0]
  const room = step > 0 ? 1 - after[0] : after[0]
  const lost = Math.abs(step) - room
  return lost > 0 ? lost / Math.abs(step) : 0
}

/** How much of a tone's edges is with the ground, or of its ramps where it has no edge; all of it where it has neither. */
function shareOnGround(tone: number, { size, edge, ramp }: Adjacency): number {
  for (const borders of [edge, ramp]) {
    const own = borders.subarray(tone * size, (tone + 1) * size)
    const all = own.reduce((sum, border) => sum + border, 0)
    if (all > 0) return own[0]! / all
  }
  return 1
}

/** How far the ground changes sides: 0 where it keeps its lightness, 1 where it goes from dark to light or back. */
const groundTurned = (before: Lab, after: Lab): number =>
  Math.min(1, Math.abs(before[0] - after[0]) / TURNED_LIGHTNESS)

/**
 * What is left of the distance (OKLab) between two colours of the same lightness and chroma as these, which is due to
 * their hues: 0 for the same hue or a grey. As the hue difference of CIELAB (CIE 15:2004).
 */
function hueDistance(one: Lab, other: Lab): number {
  const chromas = Math.sqrt((one[1] * one[1] + one[2] * one[2]) * (other[1] * other[1] + other[2] * other[2]))
  const along = one[1] * other[1] + one[2] * other[2]
  return Math.sqrt(Math.max(0, 2 * (chromas - along)))
}

/** How much more a difference between two colours says, the background apart, than in a palette of usual contrast: 1 at least. */
function emphasisOf(palette: readonly Lab[]): number {
  const distances = ROLES_BY_AREA.flatMap((one, place) =>
    ROLES_BY_AREA.slice(place + 1).map((other) => labDistance(palette[one]!, palette[other]!)),
  )
  const mean = distances.reduce((sum, distance) => sum + distance) / distances.length
  return Math.min(MAX_EMPHASIS, Math.max(1, USUAL_DISTANCE / mean))
}

/** What it costs that two tones take two roles: `((tone, other), role, role of the other)`. */
export function pairCosts(
  tones: readonly Tone[],
  hasBackground: boolean,
  { size, edge, ramp }: Adjacency,
  palette: readonly Lab[],
): Float64Array {
  const costs = new Float64Array(size * size * ROLE_COUNT * ROLE_COUNT)
  const emphasis = emphasisOf(palette)
  for (let one = 0; one < size; one++) {
    for (let other = 0; other < one; other++) {
      const [toneA, toneB] = [tones[one]!, tones[other]!]
      const sourceDistance = labDistance(toneA.lab, toneB.lab)
      const sourceStep = toneA.lab[0] - toneB.lab[0]
      const oneHue = Math.max(0, 1 - hueDistance(toneA.lab, toneB.lab) / ONE_HUE_DISTANCE)
      const edgeShare = edge[one * size + other]!
      const rampLength = Math.min(1, ramp[one * size + other]!)
      const weight = Math.sqrt(toneA.share * toneB.share)
      const onGround = hasBackground && other === 0
      for (let roleA = 0; roleA < ROLE_COUNT; roleA++) {
        for (let roleB = 0; roleB < ROLE_COUNT; roleB++) {
          const [colourA, colourB] = [palette[roleA]!, palette[roleB]!]
          // Two tones in one colour still differ by their shades.
          const distance = roleA === roleB ? Math.abs(sourceStep) * 0.5 : labDistance(colourA, colourB)
          const told = roleA === roleB || onGround ? 1 : emphasis
          const step = colourA[0] - colourB[0]
          const needed = Math.min(0.25, sourceDistance * 0.9)
          const missing = needed > 0 ? Math.max(0, 1 - distance / needed) : 0
          let cost = WEIGHTS.edge * Math.sqrt(edgeShare) * missing * missing
          if (onGround) {
            const contrast = Math.min(0.75, Math.abs(sourceStep))
            const lost = contrast > 0 ? Math.max(0, contrast - Math.abs(step)) : 0
            cost += WEIGHTS.legibility * Math.sqrt(edgeShare) * lost
          } else {
            const turned = Math.max(0, -sourceStep * step)
            const order = WEIGHTS.order + WEIGHTS.orderWithin * oneHue
            cost += order * Math.sqrt(turned) * (weight + 0.3 * rampLength + 0.5 * Math.sqrt(edgeShare))
          }
          const likeness = Math.max(0, 1 - sourceDistance / ALIKE_DISTANCE)
          cost += WEIGHTS.split * weight * likeness * distance
          if (roleA === roleB) cost += WEIGHTS.shared * weight * Math.max(0, sourceDistance - 0.08)
          cost += WEIGHTS.ramp * rampLength * Math.max(0, distance * told - sourceDistance)
          cost += WEIGHTS.hueWithin * rampLength * oneHue * hueDistance(colourA, colourB) * told
          costs[((one * size + other) * ROLE_COUNT + roleA) * ROLE_COUNT + roleB] = cost
          costs[((other * size + one) * ROLE_COUNT + roleB) * ROLE_COUNT + roleA] = cost
        }
      }
    }
  }
  return costs
}

/** What it costs that palette colours go unused, or fill areas that do not suit their roles. */
export function paletteCost(
  chosen: readonly number[],
  tones: readonly Tone[],
  hasBackground: boolean,
): number {
  const areas = [0, 0, 0, 0, 0]
  chosen.forEach((role, tone) => {
    if (!(hasBackground && tone === 0)) areas[role]! += tones[tone]!.share
  })
  const possible = Math.min(ROLES_BY_AREA.length, tones.length - (hasBackground ? 1 : 0))
  const used = ROLES_BY_AREA.filter((role) => areas[role]! > 0).length
  let cost = WEIGHTS.unused * Math.max(0, possible - used)
  for (let i = 0; i < ROLES_BY_AREA.length; i++) {
    for (let j = i + 1; j < ROLES_BY_AREA.length; j++) {
      const more = areas[ROLES_BY_AREA[j]!]! - areas[ROLES_BY_AREA[i]!]!
      if (more > 0) cost += WEIGHTS.area * more
    }
  }
  return cost
}
