import type { Tone } from './tones.ts'

/** To which tones the colours of an image belong, and by how much. Three tones a colour at most. */
export type Memberships = {
  /** Number of the nearest tone. */
  readonly first: Uint8Array
  readonly second: Uint8Array
  readonly third: Uint8Array
  /** How far a colour is from the border to its second tone: 0 on the border, 255 at the first tone. */
  readonly secondDepth: Uint8Array
  readonly thirdDepth: Uint8Array
}

/** Sorts the colours of an image (three OKLab values each) to its tones. */
export function findMemberships(labs: Float64Array, tones: readonly Tone[]): Memberships {
  const count = labs.length / 3
  const bytes = () => new Uint8Array(new SharedArrayBuffer(count))
  const result = { first: bytes(), second: bytes(), third: bytes(), secondDepth: bytes(), thirdDepth: bytes() }
  const distances = new Float64Array(tones.length)
  const spacing = tones.map((one) => tones.map((other) => squared(one.lab, other.lab)))
  for (let colour = 0; colour < count; colour++) {
    let first = 0
    for (let t = 0; t < tones.length; t++) {
      const [l, a, b] = tones[t]!.lab
      const d =
        (labs[colour * 3]! - l) ** 2 + (labs[colour * 3 + 1]! - a) ** 2 + (labs[colour * 3 + 2]! - b) ** 2
      distances[t] = d
      if (d < distances[first]!) first = t
    }
    let [second, third] = [first, first]
    let [secondDepth, thirdDepth] = [1, 1]
    for (let t = 0; t < tones.length; t++) {
      if (t === first) continue
      const depth = (distances[t]! - distances[first]!) / spacing[first]![t]!
      if (depth < secondDepth) [third, thirdDepth, second, secondDepth] = [second, secondDepth, t, depth]
      else if (depth < thirdDepth) [third, thirdDepth] = [t, depth]
    }
    result.first[colour] = first
    result.second[colour] = second
    result.third[colour] = third
    result.secondDepth[colour] = Math.round(secondDepth * 255)
    result.thirdDepth[colour] = Math.round(thirdDepth * 255)
  }
  return result
}

function squared(one: readonly number[], other: readonly number[]): number {
  return (one[0]! - other[0]!) ** 2 + (one[1]! - other[1]!) ** 2 + (one[2]! - other[2]!) ** 2
}
