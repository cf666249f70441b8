import {
  GroundPart,
  neighbour,
  NEIGHBOURS,
  PixelKind,
  runTogether,
  type SamplePlane,
} from './sample-plane.ts'

/**
 * Takes back from the background what has its very colour within the subject and runs into that without an edge: no hole, but
 * a highlight. `holes` is 1 for each sample that the background does not reach.
 */
export function takeBackHighlights(plane: SamplePlane, holes: Uint8Array): void {
  const { mask } = plane
  const isHole = (sample: number) => holes[sample] === 1 && mask[sample] === GroundPart.ground
  for (let first = 0; first < mask.length; first++) {
    if (!isHole(first)) continue
    const area = [first]
    holes[first] = 0
    let soft = 0
    let hard = 0
    for (let place = 0; place < area.length; place++) {
      const sample = area[place]!
      for (let which = 0; which < NEIGHBOURS; which++) {
        const next = neighbour(plane, sample, which)
        if (next < 0) continue
        if (isHole(next)) {
          holes[next] = 0
          area.push(next)
        } else if (mask[next] !== GroundPart.ground) {
          if (endsSoftly(plane, sample, next)) soft++
          else hard++
        }
      }
    }
    if (soft > hard) for (const sample of area) mask[sample] = GroundPart.none
  }
}

function endsSoftly(plane: SamplePlane, one: number, other: number): boolean {
  return (
    plane.kinds[other] === PixelKind.flat && runTogether(plane, Math.min(one, other), Math.max(one, other))
  )
}
