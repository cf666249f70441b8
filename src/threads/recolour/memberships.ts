import type { Tone } from '../protocol.ts'
import { packMixture, SHARE_STEPS } from './node-registry.ts'

/** To which tones the colours of an image belong, judged by the colour alone. Three tones a colour at most. */
export type Memberships = {
  /** Number of the nearest tone. */
  readonly first: Uint8Array
  readonly second: Uint8Array
  readonly third: Uint8Array
  /** How far a colour is from the border to the further tone: 0 on the border, 255 at the first tone. */
  readonly secondDepth: Uint8Array
  readonly thirdDepth: Uint8Array
}

/** Width of the transition between two tones, as a share of their distance. */
const TRANSITION = 0.5

/** Sorts the colours of an image (three OKLab values each) to its tones, leaving out those before `start`. */
export function findMemberships(labs: Float64Array, tones: readonly Tone[], start: number): Memberships {
  const count = labs.length / 3
  const bytes = () => new Uint8Array(count)
  const result = {
    first: bytes(),
    second: bytes(),
    third: bytes(),
    secondDepth: bytes(),
    thirdDepth: bytes(),
  }
  const distances = new Float64Array(tones.length)
  const spacing = tones.map((one) => tones.map((other) => squaredDistance(one.lab, other.lab)))
  for (let colour = 0; colour < count; colour++) {
    const lab = [labs[colour * 3]!, labs[colour * 3 + 1]!, labs[colour * 3 + 2]!] as const
    let first = start
    for (let tone = start; tone < tones.length; tone++) {
      distances[tone] = squaredDistance(lab, tones[tone]!.lab)
      if (distances[tone]! < distances[first]!) first = tone
    }
    let [second, third] = [first, first]
    let [secondDepth, thirdDepth] = [1, 1]
    for (let tone = start; tone < tones.length; tone++) {
      if (tone === first) continue
      const depth = (distances[tone]! - distances[first]!) / spacing[first]![tone]!
      if (depth < secondDepth) [third, thirdDepth, second, secondDepth] = [second, secondDepth, tone, depth]
      else if (depth < thirdDepth) [third, thirdDepth] = [tone, depth]
    }
    result.first[colour] = first
    result.second[colour] = second
    result.third[colour] = third
    result.secondDepth[colour] = Math.round(secondDepth * 255)
    result.thirdDepth[colour] = Math.round(thirdDepth * 255)
  }
  return result
}

/** The mixture of tones, packed, that a colour is by itself. */
export function mixtureOfColour(memberships: Memberships, colour: number): number {
  const a = memberships.first[colour]!
  const weightB = weightAt(memberships.secondDepth[colour]! / 255)
  const weightC = weightAt(memberships.thirdDepth[colour]! / 255)
  const sum = 1 + weightB + weightC
  const shareB = Math.round((weightB / sum) * SHARE_STEPS)
  const shareC = Math.round((weightC / sum) * SHARE_STEPS)
  return packMixture(a, memberships.second[colour]!, memberships.third[colour]!, shareB, shareC)
}

/** Weight of a further tone at a depth of 0 (border) to 1 (the first tone itself). */
function weightAt(depth: number): number {
  if (depth >= TRANSITION) return 0
  const nearness = 1 - depth / TRANSITION
  return nearness * nearness * (3 - 2 * nearness)
}

type Point = readonly [number, number, number]

function squaredDistance(one: Point, other: Point): number {
  const l = one[0] - other[0]
  const a = one[1] - other[1]
  const b = one[2] - other[2]
  return l * l + a * a + b * b
}
