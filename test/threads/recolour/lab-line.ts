import { labDistance, type Lab } from '../../../src/threads/colour/oklab.ts'

/** How far a colour is from the straight line between two others (OKLab), on which their mixtures lie. */
export function distanceToLine(own: Lab, one: Lab, other: Lab): number {
  const line = one.map((part, i) => other[i]! - part)
  const length = line.reduce((sum, part) => sum + part * part, 0)
  const along = line.reduce((sum, part, i) => sum + part * (own[i]! - one[i]!), 0)
  const share = length > 0 ? Math.min(1, Math.max(0, along / length)) : 0
  return labDistance(own, one.map((part, i) => part + line[i]! * share) as unknown as Lab)
}
