import type { Lab } from '../colour/oklab.ts'
import {
  areaFrom,
  GroundPart,
  neighbour,
  NEIGHBOURS,
  PixelKind,
  runTogether,
  type SamplePlane,
} from './sample-plane.ts'

/** A shade may differ from the background's hue by this much (OKLab), as a shadow that is tinted. */
const MAX_TINT = 0.043
/** What a shadow leaves of the background's lightness at least: what is darker is ink. */
const MIN_LIGHT = 0.4
/** The same for a shadow that touches nothing: what is darker is a thing with a soft border. */
const MIN_LIGHT_ALONE = 0.65
/** A light background may have a middle that is lighter than its border by this factor. */
const MAX_LIGHT = 1.3
const MIN_GROUND_LIGHTNESS = 0.6
/** What differs nowhere by more than this (OKLab) cannot be told from noise. */
const MIN_DEPTH = 0.03
/** Of a shadow's border so much is with the background and without an edge: it ends there, and in nothing else softly. */
const MIN_SOFT_BORDER = 0.9
/** The same for a part of one, which something cuts off. */
const MIN_SOFT_BORDER_OF_PART = 0.5
/** A lighter middle rises slowly: not by this share of its height over so many samples from its border on. */
const MAX_RISE_SHARE = 0.5
const RISE_SAMPLES = 10
/** Something lies on it: the border with that is at least this share of the one with the background. */
const MIN_COVERED_BORDER = 0.1
/** So much of it lies farther than one sample from the background; less has the faint foot of an edge. */
const MIN_INNER_SHARE = 0.25
/** Smaller shares of all samples are no shadow. */
const MIN_SHARE = 0.001

/**
 * Finds the shadows that fall on the background, and the lighter middle that a photographed one has: what runs into it
 * without an edge and is the same colour, only darker or lighter. They are marked as its shades. What is lighter and rises
 * steeply, or has nothing lying on it, is no middle, but a thing with a soft border, such as a white moon on grey. Where
 * shadows would be more than all that casts them, they are the subject itself, such as a blot of grey, and stay so.
 * `frontier` are the background's samples beside others.
 */
export function markGroundShades(plane: SamplePlane, ground: Lab, frontier: readonly number[]): void {
  const { mask, kinds, labs } = plane
  const shades = new ShadeSearch(plane, ground).shades(frontier)
  if (shades.length === 0) return
  let others = 0
  for (let sample = 0; sample < mask.length; sample++) {
    if (mask[sample] === GroundPart.none && kinds[sample] !== PixelKind.hidden) others++
  }
  let dark = 0
  for (const area of shades) {
    others -= area.length
    for (const sample of area) if (labs[sample * 3]! < ground[0]) dark++
  }
  if (dark > others) return
  for (const area of shades) for (const sample of area) mask[sample] = GroundPart.shade
}

/** Whether a sample has the background's colour, only darker or lighter. */
export function isShadeOf([l, a, b]: Lab, labs: Float32Array, sample: number): boolean {
  const light = labs[sample * 3]! / l
  if (light > (l < MIN_GROUND_LIGHTNESS ? 1 : MAX_LIGHT)) return false
  const green = labs[sample * 3 + 1]! - a * light
  const blue = labs[sample * 3 + 2]! - b * light
  return green * green + blue * blue < MAX_TINT * MAX_TINT
}

/** Shades that run into each other, and the sides on which they end. */
type Area = {
  readonly samples: readonly number[]
  /** On how many sides the background begins without an edge. */
  readonly soft: number
  /** On how many it begins behind an edge, or something else without one. */
  readonly hard: number
  /** How many samples end on no side. */
  readonly inner: number
}

class ShadeSearch {
  readonly #plane: SamplePlane
  readonly #ground: Lab
  /** 1 for each sample that has been looked at. */
  readonly #seen: Uint8Array

  constructor(plane: SamplePlane, ground: Lab) {
    this.#plane = plane
    this.#ground = ground
    this.#seen = new Uint8Array(plane.mask.length)
  }

  /** All areas that are shades of the background; where there is one, small soft ones beside it are parts of it. */
  shades(frontier: readonly number[]): number[][] {
    const parts = this.#areas(frontier).filter((area) => isSoft(area, MIN_SOFT_BORDER_OF_PART))
    const large = new Set(parts.filter((area) => this.#isLarge(area)))
    const whole = [...large].filter(
      (area) => isSoft(area, MIN_SOFT_BORDER) && !this.#isLightThing(area) && !this.#isDarkThing(area),
    )
    if (whole.length === 0) return []
    return [...whole, ...parts.filter((area) => !large.has(area))].map(({ samples }) => [...samples])
  }

  /** Of all shades beside the background those that run into each other, without what is too dark for a shadow. */
  #areas(frontier: readonly number[]): Area[] {
    const areas: Area[] = []
    for (const ground of frontier) {
      for (let which = 0; which < NEIGHBOURS; which++) {
        const first = neighbour(this.#plane, ground, which)
        if (
          first < 0 ||
          this.#seen[first] === 1 ||
          !this.#isShade(first) ||
          !runTogether(this.#plane, ground, first)
        )
          continue
        const samples = areaFrom(
          this.#plane,
          first,
          this.#seen,
          (from, next) => this.#isShade(next) && runTogether(this.#plane, from, next),
        )
        if (!this.#isInk(samples)) areas.push(this.#areaOf(samples))
      }
    }
    return areas
  }

  #isShade(sample: number): boolean {
    const { mask, kinds, labs } = this.#plane
    if (mask[sample] !== GroundPart.none || kinds[sample] !== PixelKind.flat) return false
    return isShadeOf(this.#ground, labs, sample)
  }

  #isInk(samples: readonly number[]): boolean {
    const { labs } = this.#plane
    const darkest = this.#ground[0] * MIN_LIGHT
    return samples.some((sample) => labs[sample * 3]! < darkest)
  }

  #isLarge({ samples, inner }: Area): boolean {
    const { mask, labs } = this.#plane
    const [light] = this.#ground
    return (
      samples.length >= mask.length * MIN_SHARE &&
      inner >= samples.length * MIN_INNER_SHARE &&
      samples.some((sample) => Math.abs(labs[sample * 3]! - light) > MIN_DEPTH)
    )
  }

  /** Whether an area is lighter than the background and rises steeply along most of its border, or nothing lies on it. */
  #isLightThing({ samples }: Area): boolean {
    const height = samples.reduce((most, sample) => Math.max(most, this.#riseOf(sample)), 0)
    if (height <= MIN_DEPTH) return false
    const steepRise = Math.max(MIN_DEPTH, height * MAX_RISE_SHARE)
    let rising = 0
    let steep = 0
    let covered = 0
    for (const sample of samples) {
      for (let which = 0; which < NEIGHBOURS; which++) {
        const next = neighbour(this.#plane, sample, which)
        if (next < 0) continue
        if (this.#plane.kinds[next] === PixelKind.edge) covered++
        if (this.#plane.mask[next] !== GroundPart.ground || !runTogether(this.#plane, sample, next)) continue
        const rise = this.#riseAlong(sample, which ^ 1)
        if (rise > 0) rising++
        if (rise > steepRise) steep++
      }
    }
    return steep * 2 > rising || covered < rising * MIN_COVERED_BORDER
  }

  /** Whether an area is dark and touches nothing that could cast a shadow. */
  #isDarkThing({ samples }: Area): boolean {
    const { mask, kinds, labs } = this.#plane
    if (samples.every((sample) => labs[sample * 3]! >= this.#ground[0] * MIN_LIGHT_ALONE)) return false
    let border = 0
    let covered = 0
    for (const sample of samples) {
      for (let which = 0; which < NEIGHBOURS; which++) {
        const next = neighbour(this.#plane, sample, which)
        if (next < 0) continue
        if (mask[next] === GroundPart.ground) border++
        else if (kinds[next] === PixelKind.edge && this.#beginsThing(next, which)) covered++
      }
    }
    return covered < border * MIN_COVERED_BORDER
  }

  /** Whether what an edge leads to in a direction has another colour than shades of the background. */
  #beginsThing(edge: number, which: number): boolean {
    const { labs } = this.#plane
    const behind = neighbour(this.#plane, edge, which)
    return !isShadeOf(this.#ground, labs, edge) || (behind >= 0 && !isShadeOf(this.#ground, labs, behind))
  }

  /** How much lighter than the background it becomes within some samples in a direction. */
  #riseAlong(first: number, which: number): number {
    let rise = 0
    let sample = first
    for (let moved = 0; moved < RISE_SAMPLES && sample >= 0 && this.#isShade(sample); moved++) {
      rise = Math.max(rise, this.#riseOf(sample))
      sample = neighbour(this.#plane, sample, which)
    }
    return rise
  }

  #riseOf(sample: number): number {
    return this.#plane.labs[sample * 3]! - this.#ground[0]
  }

  #areaOf(samples: readonly number[]): Area {
    const { mask, kinds } = this.#plane
    let soft = 0
    let hard = 0
    let inner = 0
    for (const sample of samples) {
      const before = soft + hard
      for (let which = 0; which < NEIGHBOURS; which++) {
        const next = neighbour(this.#plane, sample, which)
        if (next < 0) continue
        if (mask[next] === GroundPart.ground) {
          if (runTogether(this.#plane, sample, next)) soft++
          else hard++
        } else if (kinds[next] === PixelKind.edge) {
          const behind = neighbour(this.#plane, next, which)
          if (behind >= 0 && mask[behind] === GroundPart.ground) hard++
        } else if (!this.#isShade(next) && runTogether(this.#plane, sample, next)) hard++
      }
      if (soft + hard === before) inner++
    }
    return { samples, soft, hard, inner }
  }
}

function isSoft({ soft, hard }: Area, minShare: number): boolean {
  return soft >= (soft + hard) * minShare
}
