import type { HexColor } from '../../../../threads/protocol.ts'
import { mix } from './colour-space.ts'
import type { Pen } from './pen.ts'
import {
  arcPath,
  around,
  box,
  circle,
  leafPath,
  line,
  move,
  polar,
  polygonPath,
  regular,
  ring,
  roundedPath,
  sectorPath,
  shape,
  type Point,
} from './shapes.ts'

/** Rings that pass over and under one another. */
function interlockedRings(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const count = pen.random.pick([3, 4])
  const colors = [body, second, accent, shade]
  const [reach, radius, width] = count === 3 ? [40, 48, 20] : [42, 42, 18]
  const at = (i: number): Point => polar(reach, (360 / count) * i + (count === 4 ? 45 : 0))
  const loops = Array.from({ length: count }, (_, i) => ring(...at(i), radius, colors[i]!, width))
  // The first ring passes over the last one again, so that the chain has no top.
  const [x, y] = at(0)
  const over = move(
    x,
    y,
    line(arcPath(radius, count === 3 ? 175 : 205, count === 3 ? 275 : 300), body, width),
  )
  return move(
    0,
    count === 3 ? 8 : 0,
    loops.join('') + over.replace(/stroke-linecap="round"/g, 'stroke-linecap="butt"'),
  )
}

/** Petals whose overlaps take on the blend of their colours. */
function blendedPetals(pen: Pen): string {
  const { body, second, accent } = pen.inks
  const count = pen.random.pick([5, 6, 8])
  const colors = count === 5 ? [body, body, body, body, body] : [body, second]
  const width = { 5: 74, 6: 64, 8: 52 }[count] ?? 60
  const petals = (draw: (i: number) => string) => around(count, (i) => move(0, 10, draw(i)))
  const outline = leafPath(106, width)
  const color = (i: number): HexColor => (count === 5 ? mix(body, second, i / 4) : colors[i % 2]!)
  return (
    petals((i) => shape(outline, pen.surface(color(i)))) +
    petals((i) => pen.clip(outline, `<g opacity="0.5">${box(0, -120, 60, 130, color(i + 1))}</g>`)) +
    circle(0, 0, 15, accent)
  )
}

/** Hexagons inside one another, turned and lit from one side. */
function layeredHexagons(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const half = (r: number, left: HexColor, right: HexColor) => {
    const outline = roundedPath(regular(6, r), 6)
    return shape(outline, pen.surface(left)) + pen.clip(outline, box(0, -100, 100, 200, right))
  }
  const middle = regular(6, 62, 30)
  return (
    half(98, body, shade) +
    shape(roundedPath(middle, 5), second) +
    shape(polygonPath([middle[0]!, middle[2]!, middle[4]!]), mix(second, light, 0.4)) +
    shape(roundedPath(regular(6, 30), 3), accent)
  )
}

/** Blades around a centre, each with a folded side. */
function pinwheel(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const count = pen.random.pick([3, 4, 5, 6])
  const reach = count === 3 ? 74 : 62
  const blade = 'M0 0C-8 -40 10 -82 64 -94C74 -50 46 -10 0 0Z'
  const fold = 'M0 0C30 -26 54 -56 64 -94C74 -50 46 -10 0 0Z'
  const pairs = [
    [body, shade],
    [second, mix(second, shade, 0.45)],
    [accent, mix(accent, second, 0.4)],
  ] as const
  return move(
    0,
    0,
    around(count, (i) => {
      const [face, back] = pairs[count % 3 === 0 ? i % 3 : i % 2]!
      return shape(blade, pen.surface(face)) + shape(fold, back)
    }),
    reach / 66,
  )
}

/** Quarter circles on a grid, as in the teaching of the Bauhaus. */
function quarterCircles(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const side = pen.random.pick([2, 3])
  const cell = 184 / side
  const colors = pen.random.shuffled([body, second, accent, body, shade])
  const pieces = [
    `M0 0H${cell}A${cell} ${cell} 0 0 1 0 ${cell}Z`,
    `M0 0H${cell}V${cell}A${cell} ${cell} 0 0 1 0 0Z`,
    `M0 0H${cell}V${cell}H0Z`,
    `M0 ${cell / 2}A${cell / 2} ${cell / 2} 0 0 1 ${cell} ${cell / 2}A${cell / 2} ${cell / 2} 0 0 1 0 ${cell / 2}Z`,
  ]
  let content = ''
  for (let i = 0; i < side * side; i++) {
    const piece = pieces[pen.random.pick([0, 0, 0, 1, 1, side === 3 ? 3 : 0, 2])]!
    const turned = `<g transform="rotate(${pen.random.whole(0, 3) * 90} ${cell / 2} ${cell / 2})">${shape(piece, colors[i % colors.length]!)}</g>`
    content += move(-92 + (i % side) * cell, -92 + Math.floor(i / side) * cell, turned)
  }
  return content
}

/** Arcs of growing length around one centre. */
function turningArcs(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const from = pen.random.whole(0, 7) * 45
  const arcs = [
    [82, 290, body],
    [55, 230, second],
    [29, 180, shade],
  ] as const
  return (
    arcs
      .map(([radius, sweep, color], i) =>
        line(arcPath(radius, from + i * 100, from + i * 100 + sweep), color, 19),
      )
      .join('') +
    circle(...polar(82, from - 35), 13, accent) +
    circle(0, 0, 10, accent)
  )
}

/** Ribbons that fold over to form an upward arrow. */
function foldedRibbon(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const chevron = (y: number, left: HexColor, right: HexColor) =>
    shape(`M0 ${y - 58}L-88 ${y}V${y + 42}L0 ${y - 16}Z`, pen.surface(left)) +
    shape(`M0 ${y - 58}L88 ${y}V${y + 42}L0 ${y - 16}Z`, right)
  return (
    chevron(44, accent, mix(accent, shade, 0.35)) +
    chevron(-2, second, mix(second, shade, 0.4)) +
    chevron(-40, body, shade)
  )
}

/** Discs that overlap and let each other shine through. */
function overlappingDiscs(pen: Pen): string {
  const { body, second, accent, light } = pen.inks
  const centres = [polar(36, 0), polar(36, 120), polar(36, 240)]
  const [a, b, c] = centres as [Point, Point, Point]
  const disc = ([x, y]: Point, r = 58) =>
    `M${x - r} ${y}A${r} ${r} 0 0 1 ${x + r} ${y}A${r} ${r} 0 0 1 ${x - r} ${y}Z`
  const overlap = (p: Point, q: Point, color: HexColor) => pen.clip(disc(p), shape(disc(q), color))
  return move(
    0,
    6,
    shape(disc(a), pen.surface(body)) +
      shape(disc(b), pen.surface(second)) +
      shape(disc(c), pen.surface(accent)) +
      overlap(a, b, mix(body, second, 0.5)) +
      overlap(b, c, mix(second, accent, 0.5)) +
      overlap(c, a, mix(accent, body, 0.5)) +
      pen.clip(disc(a), overlap(b, c, light)),
  )
}

/** Columns with round ends that rise and fall. */
function risingColumns(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const heights = pen.random.shuffled([70, 110, 150, 186, 130])
  const colors = [shade, body, accent, body, second]
  return heights
    .map((height, i) =>
      box(-92 + i * 39, -height / 2, 28, height, i === 2 ? accent : pen.surface(colors[i]!), 14),
    )
    .join('')
}

/** A gem of triangles around a point off its centre. */
function facetedGem(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const corners = regular(pen.random.pick([6, 8]), 96, 0)
  const heart: Point = [pen.random.between(-18, 18), pen.random.between(-22, 6)]
  const tones = [
    body,
    mix(body, light, 0.35),
    second,
    mix(second, light, 0.35),
    shade,
    mix(body, second, 0.5),
    accent,
    shade,
  ]
  const facets = corners.map((corner, i) => {
    const next = corners[(i + 1) % corners.length]!
    return shape(polygonPath([corner, next, heart]), tones[i % tones.length]!)
  })
  return pen.clip(roundedPath(corners, 7), shape(polygonPath(corners), shade) + facets.join(''))
}

/** Sectors of a disc that are drawn apart. */
function openDisc(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const turn = pen.random.whole(0, 3) * 90
  const piece = (from: number, to: number, inner: number, outer: number, color: HexColor) =>
    shape(sectorPath(inner, outer, from + turn + 2.5, to + turn - 2.5), pen.surface(color))
  return (
    piece(0, 120, 40, 94, body) +
    piece(120, 210, 40, 94, second) +
    piece(210, 290, 40, 82, accent) +
    piece(290, 360, 40, 70, shade) +
    circle(0, 0, 26, body)
  )
}

/** A sphere cut into stripes that narrow towards the top. */
function stripedSphere(pen: Pen): string {
  const { body, second, accent } = pen.inks
  const sphere = 'M-92 0A92 92 0 0 1 92 0A92 92 0 0 1 -92 0Z'
  const stripes = [92, 62, 36, 14, -4, -20, -34].map((y, i) => {
    const gap = 11 - i * 1.1
    return box(-100, y - 30 + gap, 200, 30 - gap, mix(body, i > 3 ? accent : second, i / 6))
  })
  const cap = box(-100, -100, 200, 68, mix(body, accent, 0.85))
  return move(0, 0, pen.clip(sphere, stripes.join('') + cap), 1, pen.random.pick([0, 0, -24, 24]))
}

export const ABSTRACT_MARKS: readonly ((pen: Pen) => string)[] = [
  interlockedRings,
  blendedPetals,
  layeredHexagons,
  pinwheel,
  quarterCircles,
  turningArcs,
  foldedRibbon,
  overlappingDiscs,
  risingColumns,
  facetedGem,
  openDisc,
  stripedSphere,
]
