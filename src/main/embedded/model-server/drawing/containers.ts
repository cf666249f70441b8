import {
  heartPath,
  polar,
  polygonPath,
  regular,
  roundedPath,
  shieldPath,
  squirclePath,
  type Point,
} from './shapes.ts'

/** A closed shape that a motif lies in. */
export type Container = {
  /** SVG path between -100 and 100 on both axes. */
  readonly outline: string
  /** How large a motif may be inside, 1 for as large as the container. */
  readonly room: number
  /** The motif's centre, below 0 for above the middle. */
  readonly centreY: number
}

const disc = 'M-98 0A98 98 0 0 1 98 0A98 98 0 0 1 -98 0Z'

/** The scalloped edge of a seal. */
function sealPath(waves: number, radius: number, depth: number): string {
  const points = Array.from({ length: 240 }, (_, i): Point => {
    const angle = (i / 240) * 360
    return polar(radius - depth * (0.5 + 0.5 * Math.cos((angle * waves * Math.PI) / 180)), angle)
  })
  return polygonPath(points)
}

export const CONTAINERS = {
  circle: { outline: disc, room: 0.7, centreY: 0 },
  square: { outline: squirclePath(94), room: 0.74, centreY: 0 },
  hexagon: { outline: roundedPath(regular(6, 100), 12), room: 0.66, centreY: 0 },
  shield: { outline: shieldPath, room: 0.61, centreY: -8 },
  arch: {
    outline: 'M-78 -16A78 78 0 0 1 78 -16V82C78 91 72 96 64 96H-64C-72 96 -78 91 -78 82Z',
    room: 0.63,
    centreY: 8,
  },
  seal: { outline: sealPath(18, 99, 8), room: 0.66, centreY: 0 },
  octagon: { outline: roundedPath(regular(8, 101, 22.5), 12), room: 0.7, centreY: 0 },
  heart: { outline: heartPath, room: 0.5, centreY: -8 },
} as const satisfies Record<string, Container>

export type ContainerName = keyof typeof CONTAINERS

/** Containers that words of a prompt ask for. */
export const CONTAINER_WORDS: ReadonlyMap<string, ContainerName> = new Map<string, ContainerName>([
  ['circle', 'circle'],
  ['circular', 'circle'],
  ['round', 'circle'],
  ['badge', 'seal'],
  ['emblem', 'shield'],
  ['crest', 'shield'],
  ['seal', 'seal'],
  ['stamp', 'seal'],
  ['square', 'square'],
  ['app-icon', 'square'],
  ['hexagon', 'hexagon'],
  ['hexagonal', 'hexagon'],
  ['octagon', 'octagon'],
])
