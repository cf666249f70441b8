import type { HexColor } from '../../../../threads/protocol.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { inksOn, nightOf, tintOf, type Scheme } from './colour-scheme.ts'
import { adjust, distance, mix } from './colour-space.ts'
import { CONTAINERS, type ContainerName } from './containers.ts'
import type { Figure } from './figure.ts'
import { sparkle } from './motifs/sky.ts'
import { Pen, type Definitions } from './pen.ts'
import { drawScene } from './scenes.ts'
import {
  arcPath,
  around,
  box,
  circle,
  ellipse,
  leafPath,
  line,
  mirrored,
  move,
  polar,
  ring,
  roundedPath,
  shape,
  starPoints,
} from './shapes.ts'

/** What a layout is given. It draws between -100 and 100 on both axes: the whole picture. */
export type Draft = {
  readonly scheme: Scheme
  readonly figure: Figure
  readonly random: SeededRandom
  readonly definitions: Definitions
  /** True for surfaces with gradients and for soft shadows. */
  readonly shaded: boolean
}

const penOn = (draft: Draft, ground: HexColor): Pen =>
  new Pen(draft.definitions, inksOn(ground, draft.scheme), draft.random, draft.shaded)

/** A soft shadow on the ground below a figure of the given width. */
function floorShadow(pen: Pen, { scheme }: Draft, y: number, width: number): string {
  const shadow = scheme.dark ? '#000000' : adjust(scheme.main, ({ c }) => ({ l: 0.3, c: c * 0.3 }))
  return ellipse(0, y, width, width * 0.11, pen.halo(shadow, scheme.dark ? 0.5 : 0.3))
}

/** The figure with little around it. */
export function plain(draft: Draft): string {
  const { scheme, random } = draft
  const pen = penOn(draft, scheme.canvas)
  const { accent, second } = pen.inks
  const figure = draft.figure.draw(pen)
  const shadow = draft.shaded ? floorShadow(pen, draft, 84, 62) : ''
  const source = random.pick([scheme.accent, scheme.second, scheme.main])
  const quiet = scheme.dark ? nightOf(source) : tintOf(source)
  return random.pick([
    () => shadow + move(0, 0, figure, 0.76),
    () =>
      move(0, 4, figure, 0.7) +
      sparkle(70, -66, 11, accent) +
      sparkle(84, -46, 5.5, second) +
      circle(-76, 58, 3.6, accent),
    () =>
      line(arcPath(84, 205, 425), quiet, 9) + circle(...polar(84, 205), 6, accent) + move(0, 0, figure, 0.64),
    () => move(0, 0, box(-62, -62, 124, 124, quiet, 22), 1, 45) + move(0, 0, figure, 0.66),
  ])()
}

/** The figure before a pale disc, with glints around it. */
export function onDisc(draft: Draft): string {
  const { scheme, random } = draft
  const source = random.pick([scheme.accent, scheme.second, scheme.main])
  const disc = scheme.dark ? adjust(nightOf(source), () => ({ l: 0.32 })) : tintOf(source)
  const pen = penOn(draft, disc)
  const angle = random.between(20, 70)
  const glints = [
    sparkle(...polar(84, angle), 9, pen.inks.accent),
    circle(...polar(88, angle + 26), 3, pen.inks.second),
    sparkle(...polar(86, angle + 190), 6, pen.inks.second),
    circle(...polar(84, angle + 214), 3.6, pen.inks.accent),
  ]
  return circle(0, 0, 76, disc) + move(0, 0, draft.figure.draw(pen), 0.64) + glints.join('')
}

/** The figure in a filled container. */
export function inContainer(draft: Draft, name: ContainerName): string {
  const { scheme, random, shaded } = draft
  const { outline, room, centreY } = CONTAINERS[name]
  const ground = groundFor(draft)
  const pen = penOn(draft, ground)
  const clear = distance(ground, scheme.canvas) > 0.09
  const fill =
    shaded && clear
      ? pen.fade(
          adjust(ground, ({ l }) => ({ l: Math.min(0.98, l + 0.05) })),
          adjust(ground, ({ l, h }) => ({ l: l - 0.07, h: h - 8 })),
          25,
        )
      : ground
  const edge = clear ? '' : line(outline, pen.inks.body, 5)
  const trims = {
    none: '',
    rim: move(0, 0, line(outline, mix(ground, pen.inks.body, 0.45), 2.4), 0.89),
    fold: pen.clip(
      outline,
      shape('M100 -100V100H-100Z', mix(ground, scheme.dark ? '#FFFFFF' : '#101018', 0.07)),
    ),
  }
  const trim = shaded ? random.pick(['none', 'rim'] as const) : random.pick(['none', 'rim', 'fold'] as const)
  const shadow = shaded ? floorShadow(pen, draft, 104, 74) : ''
  return move(
    0,
    shaded ? -3 : 0,
    shadow + shape(outline, fill) + edge + trims[trim] + move(0, centreY, draft.figure.draw(pen), room),
    0.84,
  )
}

/** What a container is filled with: the main colour, a night of one of the colours, or a tint. */
function groundFor({ scheme, random }: Draft): HexColor {
  const { main, second, accent, dark } = scheme
  if (dark) return random.pick([main, adjust(nightOf(random.pick([main, second])), () => ({ l: 0.33 }))])
  return random.pick([
    main,
    main,
    nightOf(random.pick([main, second, accent])),
    nightOf(adjust(main, ({ h }) => ({ h: h + 180 }))),
    tintOf(random.pick([second, accent])),
  ])
}

/** The figure in a ring, the ring on its own or with a finer one. */
export function ringed(draft: Draft): string {
  const { scheme, random } = draft
  const pen = penOn(draft, scheme.canvas)
  const { body, accent, second } = pen.inks
  const rings = random.pick([
    () => ring(0, 0, 80, body, 8),
    () => ring(0, 0, 82, body, 4.5) + ring(0, 0, 74, accent, 2.2),
    () =>
      ring(0, 0, 80, body, 8) +
      [90, 270]
        .map(
          (angle) => circle(...polar(80, angle), 11, scheme.canvas) + circle(...polar(80, angle), 6, accent),
        )
        .join(''),
    () => around(36, () => circle(0, -82, 2.6, second)) + ring(0, 0, 72, body, 5),
  ])()
  return rings + move(0, 0, draft.figure.draw(pen), 0.54)
}

/** The figure between two laurel branches. */
export function laurelled(draft: Draft): string {
  const { scheme } = draft
  const pen = penOn(draft, scheme.canvas)
  const { body, shade, accent, second } = pen.inks
  const green = draft.random.pick([second, body])
  const leaves = Array.from({ length: 8 }, (_, i) => {
    const angle = 192 + i * 15.5
    const [x, y] = polar(76, angle)
    return (
      move(x, y, shape(leafPath(19, 10), green), 1, angle + 52) +
      move(x, y, shape(leafPath(17, 9), i % 2 === 0 ? shade : accent), 1, angle + 128 - 15)
    )
  })
  const star = shape(roundedPath(starPoints(5, 8.5, 4), 1), accent)
  return mirrored(leaves.join('')) + move(0, 80, star) + move(0, -4, draft.figure.draw(pen), 0.54)
}

/** The figure on a seal with a scalloped edge and a row of beads. */
export function sealed(draft: Draft): string {
  const { scheme, random } = draft
  const { main, second, accent, dark } = scheme
  const rim = random.pick([main, nightOf(main), second])
  const face = dark ? nightOf(main) : random.pick([tintOf(accent), tintOf(main), '#FFFFFF' as const])
  const pen = penOn(draft, face)
  const bead = mix(rim, '#FFFFFF', 0.78)
  return move(
    0,
    0,
    shape(CONTAINERS.seal.outline, pen.surface(rim)) +
      around(40, () => circle(0, -82, 1.9, bead)) +
      circle(0, 0, 74, face) +
      ring(0, 0, 69, mix(rim, face, 0.35), 1.8) +
      move(0, 0, draft.figure.draw(pen), 0.55),
    0.86,
  )
}

/** A landscape in a container with a border. */
export function scenic(draft: Draft, name: ContainerName, motif: string, moonlit: boolean): string {
  const { scheme, random } = draft
  const { outline } = CONTAINERS[name]
  const pen = penOn(draft, scheme.canvas)
  const picture = pen.clip(outline, drawScene(pen, scheme, motif, moonlit || scheme.dark))
  const border = scheme.dark
    ? adjust(scheme.main, ({ l }) => ({ l: Math.max(l, 0.62) }))
    : adjust(scheme.main, ({ c }) => ({ l: 0.31, c: Math.min(c, 0.08) }))
  const frame = random.chance(0.6)
  return (
    (draft.shaded ? floorShadow(pen, draft, 92, 66) : '') +
    move(
      0,
      draft.shaded ? -3 : 0,
      (frame
        ? move(0, 0, shape(outline, border), 0.87) + move(0, 0, shape(outline, scheme.canvas), 0.825)
        : '') + move(0, 0, picture, frame ? 0.79 : 0.85),
    )
  )
}
