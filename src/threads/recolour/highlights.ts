import type { Lab } from '../colour/oklab.ts'
import { isShadeOf } from './ground-shades.ts'
import {
  areaFrom,
  GroundPart,
  neighbour,
  NEIGHBOURS,
  PixelKind,
  runTogether,
  type SamplePlane,
} from './sample-plane.ts'

/** A highlight is smaller than this share of what it lies on. */
const MAX_HIGHLIGHT_SHARE = 0.25

/**
 * Takes back from the background what has its very colour within the subject and runs into that without an edge: no hole, but
 * a highlight. `holes` is 1 for each sample that the background does not reach. A hole stays one where it is large or its
 * border merely soft, where a shadow falls into it, and where what surrounds it runs into the background outside as well, as
 * a soft ring does.
 */
export function takeBackHighlights(plane: SamplePlane, ground: Lab, holes: Uint8Array): void {
  const { mask } = plane
  const bodies = new BodySearch(plane, ground, holes)
  const isSeen = new Uint8Array(mask.length)
  const highlights: number[][] = []
  for (let first = 0; first < mask.length; first++) {
    if (isSeen[first] === 1 || !bodies.isHole(first)) continue
    const area = areaFrom(plane, first, isSeen, (_, next) => bodies.isHole(next))
    let soft = 0
    let hard = 0
    for (const sample of area) {
      for (let which = 0; which < NEIGHBOURS; which++) {
        const next = neighbour(plane, sample, which)
        if (next < 0 || mask[next] === GroundPart.ground) continue
        if (endsSoftly(plane, sample, next) && bodies.mayBeLit(next, area.length)) soft++
        else hard++
      }
    }
    if (soft > hard) highlights.push(area)
  }
  for (const area of highlights) for (const sample of area) mask[sample] = GroundPart.none
}

/** Samples of the subject that run into each other. */
type Body = {
  /** How many samples. */
  size: number
  /** Whether all of it is the background's colour, only darker or lighter. */
  isShade: boolean
  /** On how many sides the background outside begins without an edge, and behind one. */
  open: number
  closed: number
  /** On how many sides an edge begins. */
  edges: number
}

class BodySearch {
  readonly #plane: SamplePlane
  readonly #ground: Lab
  readonly #holes: Uint8Array
  /** The body of each sample that has been looked at. */
  readonly #bodies = new Map<number, Body>()

  constructor(plane: SamplePlane, ground: Lab, holes: Uint8Array) {
    this.#plane = plane
    this.#ground = ground
    this.#holes = holes
  }

  isHole(sample: number): boolean {
    return this.#holes[sample] === 1 && this.#plane.mask[sample] === GroundPart.ground
  }

  /** Whether what a sample is part of can have a highlight of so many samples. */
  mayBeLit(sample: number, size: number): boolean {
    const body = this.#bodies.get(sample) ?? this.#bodyFrom(sample)
    if (size > body.size * MAX_HIGHLIGHT_SHARE || body.open > body.edges) return false
    return !body.isShade || body.closed > 0
  }

  #bodyFrom(first: number): Body {
    const { mask, kinds, labs } = this.#plane
    const body: Body = { size: 0, isShade: true, open: 0, closed: 0, edges: 0 }
    const area = [first]
    this.#bodies.set(first, body)
    for (let place = 0; place < area.length; place++) {
      const sample = area[place]!
      body.size++
      body.isShade &&= isShadeOf(this.#ground, labs, sample)
      for (let which = 0; which < NEIGHBOURS; which++) {
        const next = neighbour(this.#plane, sample, which)
        if (next < 0 || this.isHole(next)) continue
        const isTogether = runTogether(this.#plane, sample, next)
        if (mask[next] === GroundPart.ground) {
          if (isTogether) body.open++
          else body.closed++
        } else if (kinds[next] !== PixelKind.flat) {
          body.edges++
          if (this.#isOutside(neighbour(this.#plane, next, which))) body.closed++
        } else if (isTogether && !this.#bodies.has(next)) {
          this.#bodies.set(next, body)
          area.push(next)
        }
      }
    }
    return body
  }

  #isOutside(sample: number): boolean {
    return sample >= 0 && this.#plane.mask[sample] === GroundPart.ground && !this.isHole(sample)
  }
}

function endsSoftly(plane: SamplePlane, one: number, other: number): boolean {
  return plane.kinds[other] === PixelKind.flat && runTogether(plane, one, other)
}
