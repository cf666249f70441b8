import type { HexColor } from '../../../../threads/protocol.ts'
import { mix } from './colour-space.ts'
import type { Pen } from './pen.ts'
import { circle, line, move, polygonPath, roundedPath, shape, type Point } from './shapes.ts'

/** The colours of a scene from the sky down to the ground at the beholder's feet. */
export type Depths = {
  readonly skyTop: HexColor
  readonly skyLow: HexColor
  readonly disc: HexColor
  readonly layers: readonly [HexColor, HexColor, HexColor, HexColor]
  readonly snow: HexColor
}

const WHALE_TAIL =
  'M-40 0C-30 -26 -14 -46 -10 -70C-34 -72 -44 -92 -40 -104C-22 -104 -8 -96 0 -82C8 -96 22 -104 40 -104C44 -92 34 -72 10 -70C14 -46 30 -26 40 0Z'

const PALM_FRONDS = [
  'M0 0C-14 -20 -40 -18 -52 6C-34 -8 -18 -8 0 0Z',
  'M0 0C-24 -4 -38 12 -38 32C-28 14 -14 6 0 0Z',
  'M0 0C-6 -26 -24 -32 -40 -26C-22 -24 -10 -14 0 0Z',
  'M0 0C12 -22 36 -22 50 2C34 -10 18 -10 0 0Z',
  'M0 0C22 -8 38 8 40 30C28 12 16 4 0 0Z',
]

const CRESCENT = 'M18 -84A84 84 0 1 0 84 26A68 68 0 0 1 18 -84Z'

/** The sun with its glow, or the moon among stars. */
export function celestial(
  { disc, skyTop }: Depths,
  x: number,
  y: number,
  r: number,
  moonlit: boolean,
): string {
  if (!moonlit) return circle(x, y, r * 1.36, mix(disc, skyTop, 0.62)) + circle(x, y, r, disc)
  const stars = [
    [-62, -58],
    [-30, -78],
    [44, -72],
    [66, -40],
    [-74, -20],
    [18, -56],
  ] as const
  return (
    stars.map(([sx, sy], i) => circle(sx, sy, i % 2 === 0 ? 2.4 : 1.5, disc)).join('') +
    move(x, y, shape(CRESCENT, disc), r / 96)
  )
}

/** A chain of distant peaks; `low` is where its valleys lie. */
export function ridge(pen: Pen, color: HexColor, low: number, height: number): string {
  const points: Point[] = [[-112, 110]]
  for (let x = -112, i = 0; x <= 112; x += 32, i++) {
    points.push([
      x,
      i % 2 === 0 ? low + pen.random.between(-4, 8) : low - height * pen.random.between(0.6, 1.1),
    ])
  }
  return shape(roundedPath([...points, [112, 110]], 5), color)
}

/** The highest peak and one beside it, both with snow; the lower one stands on `side`. */
export function mainPeak(pen: Pen, { layers, snow }: Depths, side: number): string {
  const peak = (x: number, top: number, half: number, face: HexColor, back: HexColor) => {
    const outline = roundedPath(
      [
        [x - half, 90],
        [x, top],
        [x + half, 90],
      ],
      4,
    )
    const height = 90 - top
    const cap: Point[] = [
      [x, top - 6],
      [x - half * 0.36, top + height * 0.36],
      [x - half * 0.17, top + height * 0.27],
      [x - half * 0.02, top + height * 0.4],
      [x + half * 0.14, top + height * 0.26],
      [x + half * 0.38, top + height * 0.38],
    ]
    const shadow: Point[] = [
      [x, top - 6],
      [x + half * 0.1, top + height * 0.4],
      [x - half * 0.05, top + height * 0.62],
      [x + half * 0.16, 96],
      [x + half + 8, 96],
    ]
    return (
      shape(outline, face) +
      pen.clip(outline, shape(polygonPath(shadow), back) + shape(polygonPath(cap), snow))
    )
  }
  const darker = mix(layers[2], layers[3], 0.5)
  return peak(46 * side, -14, 64, layers[1], layers[2]) + peak(-16 * side, -58, 88, layers[2], darker)
}

/** Rolling ground from `y` down. */
export function hills(pen: Pen, color: HexColor, y: number): string {
  const bend = pen.random.between(8, 18) * pen.random.pick([-1, 1])
  return shape(
    `M-112 ${y + bend}C-70 ${y - 2 * bend} -34 ${y - bend} 0 ${y}C40 ${y + bend} 74 ${y + 1.4 * bend} 112 ${y - bend}V112H-112Z`,
    color,
  )
}

/** A row of firs on a ground of their own colour. */
export function firRow(pen: Pen, color: HexColor, ground: number, height: number, count: number): string {
  const fir = 'M0 -100L20 -62H12L30 -30H18L38 4H-38L-18 -30H-30L-12 -62H-20Z'
  const trees = Array.from({ length: count }, (_, i) => {
    const x = -92 + ((i + 0.5) * 184) / count + pen.random.between(-5, 5)
    return move(x, ground + 7, shape(fir, color), (height * pen.random.between(0.75, 1.1)) / 100)
  })
  return (
    trees.join('') +
    shape(`M-112 ${ground}C-50 ${ground - 8} 50 ${ground + 6} 112 ${ground - 4}V112H-112Z`, color)
  )
}

/** Four rows of waves. */
export function sea({ layers, disc }: Depths): string {
  const crest = (y: number, shift: number, color: HexColor) => {
    let d = `M${-140 + shift} ${y}`
    for (let i = 0; i < 6; i++) d += 'q12 -12 24 -3q10 9 24 3'
    return shape(`${d}V112H-140Z`, color)
  }
  return (
    crest(22, 0, layers[0]) +
    crest(40, -20, layers[1]) +
    line('M-14 34H14', disc, 3.4) +
    crest(58, 8, layers[2]) +
    crest(78, -14, layers[3])
  )
}

/** What stands before the landscape, as a silhouette. */
export function silhouette(motif: string, { layers, snow, disc }: Depths): string {
  switch (motif) {
    case 'sailboat':
      return move(
        8,
        34,
        shape('M-2 -78L44 0H-2Z', snow) +
          shape('M-8 -58V0H-36Z', disc) +
          shape('M-46 6H52L36 26H-30Z', layers[3]),
        0.8,
      )
    case 'palm':
      return (
        shape('M10 110C26 66 66 58 112 60V110Z', layers[3]) +
        line('M62 64C54 40 58 10 50 -24', layers[3], 6) +
        move(50, -24, PALM_FRONDS.map((frond) => shape(frond, layers[3])).join(''))
      )
    case 'whale':
      return move(0, 44, shape(WHALE_TAIL, layers[3]), 0.86)
    case 'cactus':
      return (
        line('M-40 66V0', layers[3], 17) +
        line('M-68 6V20C-68 34 -56 36 -44 36M-12 -6V10C-12 24 -24 26 -36 26', layers[3], 12)
      )
    case 'tent':
      return (
        shape('M0 10L66 92H-66Z', snow) +
        shape('M0 10L66 92H14Z', disc) +
        shape('M0 34L26 92H-26Z', layers[3])
      )
    default:
      return ''
  }
}
