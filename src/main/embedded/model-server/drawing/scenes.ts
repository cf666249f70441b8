import type { HexColor } from '../../../../threads/protocol.ts'
import { adjust, fromHex, mix } from './colour-space.ts'
import type { Scheme } from './colour-scheme.ts'
import type { Pen } from './pen.ts'
import { celestial, firRow, hills, mainPeak, ridge, sea, silhouette, type Depths } from './landforms.ts'

/** Which land a scene shows, by the name of its motif. */
export const SCENIC: ReadonlyMap<string, 'peaks' | 'sea' | 'firs' | 'dunes'> = new Map([
  ['mountain', 'peaks'],
  ['wave', 'sea'],
  ['sailboat', 'sea'],
  ['whale', 'sea'],
  ['sun', 'dunes'],
  ['moon', 'peaks'],
  ['forest', 'firs'],
  ['tent', 'firs'],
  ['palm', 'sea'],
  ['cactus', 'dunes'],
])

function depthsOf({ main, second, accent, dark }: Scheme): Depths {
  const bright = fromHex(accent).l > fromHex(second).l ? accent : second
  const at = (color: HexColor, l: number, maxChroma: number) =>
    adjust(color, ({ c }) => ({ l, c: Math.min(c, maxChroma) }))
  if (dark) {
    return {
      skyTop: at(main, 0.24, 0.07),
      skyLow: at(second, 0.52, 0.12),
      disc: at(bright, 0.9, 0.12),
      layers: [at(main, 0.42, 0.1), at(main, 0.34, 0.09), at(main, 0.27, 0.08), at(main, 0.19, 0.06)],
      snow: at(second, 0.78, 0.06),
    }
  }
  const far = at(second, 0.8, 0.075)
  const middle = adjust(main, ({ l }) => ({ l: Math.min(l, 0.6) }))
  return {
    skyTop: at(accent, 0.86, 0.085),
    skyLow: at(accent, 0.955, 0.04),
    disc: adjust(bright, ({ l, c }) => ({ l: Math.max(l, 0.78), c: c < 0.02 ? c : Math.max(c, 0.13) })),
    layers: [far, mix(far, middle, 0.55), middle, at(main, 0.31, 0.08)],
    snow: at(main, 0.98, 0.012),
  }
}

/** A landscape that fills -100 to 100 on both axes, to be clipped by its container. */
export function drawScene(pen: Pen, scheme: Scheme, motif: string, moonlit: boolean): string {
  const { random } = pen
  const depths = depthsOf(scheme)
  const land = SCENIC.get(motif) ?? 'peaks'
  const sky = `<rect x="-110" y="-110" width="220" height="220" fill="${pen.fade(depths.skyTop, depths.skyLow, 0)}"/>`
  const discX = random.between(-34, 34)
  const disc = celestial(
    depths,
    land === 'sea' ? 0 : discX,
    land === 'peaks' ? -38 : -14,
    land === 'peaks' ? 24 : 38,
    moonlit,
  )
  switch (land) {
    case 'peaks':
      return (
        sky +
        disc +
        ridge(pen, depths.layers[0], 14, 26) +
        mainPeak(pen, depths, random.pick([-1, 1])) +
        hills(pen, depths.layers[3], 62)
      )
    case 'sea':
      return sky + disc + sea(depths) + silhouette(motif, depths)
    case 'firs':
      return (
        sky +
        disc +
        ridge(pen, depths.layers[0], 8, 34) +
        firRow(pen, depths.layers[1], 34, 34, 7) +
        firRow(pen, depths.layers[2], 62, 52, 5) +
        silhouette(motif, depths) +
        hills(pen, depths.layers[3], 68)
      )
    case 'dunes':
      return (
        sky +
        disc +
        hills(pen, depths.layers[0], 12) +
        hills(pen, depths.layers[1], 30) +
        hills(pen, depths.layers[2], 50) +
        silhouette(motif, depths) +
        hills(pen, depths.layers[3], 72)
      )
  }
}
