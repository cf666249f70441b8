import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import {
  circle,
  ellipse,
  box,
  shape,
  line,
  move,
  mirrored,
  around,
  polygonPath,
  roundedPath,
  regular,
  sectorPath,
  arcPath,
} from '../shapes.ts'

function rocket(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const hull = 'M0 -98C30 -72 40 -36 38 6L28 50H-28L-38 6C-40 -36 -30 -72 0 -98Z'
  const upright =
    shape('M0 99C-18 84 -26 66 -22 48H22C26 66 18 84 0 99Z', accent) +
    mirrored(shape('M-34 0C-56 14 -66 36 -62 66L-26 46Z', second)) +
    shape(hull, pen.surface(body)) +
    pen.clip(hull, box(2, -100, 60, 170, shade) + shape('M-50 -52C-20 -60 20 -60 50 -52V-110H-50Z', second)) +
    circle(0, -14, 20, light) +
    circle(0, -14, 13, dark) +
    box(-5, 26, 10, 38, second, 5)
  return move(0, 0, upright, 1, pen.random.pick([0, 38]))
}

function gear(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const teeth = pen.random.pick([8, 10])
  const width = teeth === 8 ? 17 : 13
  const tooth = roundedPath(
    [
      [-width * 1.35, -58],
      [-width * 0.8, -97],
      [width * 0.8, -97],
      [width * 1.35, -58],
    ],
    6,
  )
  const wheel = (color: string) => around(teeth, () => shape(tooth, color))
  return (
    wheel(body) +
    circle(0, 0, 73, pen.surface(body)) +
    shape(sectorPath(0, 73, 45, 225), shade) +
    circle(0, 0, 44, second) +
    circle(0, 0, 27, accent)
  )
}

function cube(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const [a, b, c, d, e, f] = regular(6, 94)
  const notched = pen.random.chance(0.5)
  const faces =
    shape(polygonPath([a!, b!, [0, 0], f!]), second) +
    shape(polygonPath([f!, [0, 0], d!, e!]), pen.surface(body)) +
    shape(polygonPath([b!, c!, d!, [0, 0]]), shade)
  const inner = regular(6, 44)
  const notch =
    shape(polygonPath([inner[0]!, inner[1]!, [0, 0], inner[5]!]), shade) +
    shape(polygonPath([inner[5]!, [0, 0], inner[3]!, inner[4]!]), accent) +
    shape(polygonPath([inner[1]!, inner[2]!, inner[3]!, [0, 0]]), body)
  const band = shape(polygonPath('-40.7,-70.5 -13.6,-86 67.8,-39 40.7,-23.5'), accent)
  return pen.clip(roundedPath(regular(6, 96), 9), faces + (notched ? notch : band))
}

function chip(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const pins = around(4, () => [-36, -12, 12, 36].map((x) => line(`M${x} -60V-92`, second, 9)).join(''))
  return (
    pins +
    box(-66, -66, 132, 132, pen.surface(body), 18) +
    box(-40, -40, 80, 80, shade, 12) +
    shape(roundedPath(regular(4, 34), 5), accent)
  )
}

function brackets(pen: Pen): string {
  const { body, second, accent, light, shade } = pen.inks
  const panel = roundedPath('-94,-74 94,-74 94,78 -94,78', 22)
  return (
    shape(panel, pen.surface(body)) +
    pen.clip(panel, box(-100, -80, 200, 36, shade)) +
    [-72, -52, -32].map((x, i) => circle(x, -59, 6.5, [accent, second, light][i]!)).join('') +
    line('M-34 -16L-62 17L-34 50', light, 13) +
    line('M34 -16L62 17L34 50', light, 13) +
    line('M13 -22L-13 56', accent, 13)
  )
}

function chart(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const bar = (x: number, top: number, color: string) => box(x, top, 38, 84 - top, color, 8)
  return (
    bar(-88, 26, second) +
    bar(-38, -6, pen.surface(body)) +
    bar(12, -26, shade) +
    bar(62, -58, pen.surface(body)) +
    line('M-78 -14L-26 -54L24 -58L76 -92', accent, 12) +
    shape(roundedPath('50,-98 98,-98 90,-54', 4), accent)
  )
}

function signal(pen: Pen): string {
  const { body, second, accent } = pen.inks
  return (
    move(
      0,
      62,
      [30, 66, 102]
        .map((radius, i) => line(arcPath(radius, -48, 48), [accent, second, body][i]!, 21))
        .join(''),
    ) +
    circle(0, 66, 16, body) +
    ellipse(0, 66, 7, 7, accent)
  )
}

function robot(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  return (
    line('M0 -60V-84', shade, 8) +
    circle(0, -86, 11, accent) +
    mirrored(box(-98, -18, 20, 48, second, 8)) +
    box(-80, -62, 160, 138, pen.surface(body), 38) +
    box(-60, -36, 120, 72, dark, 30) +
    mirrored(circle(-27, 0, 14, accent) + circle(-23, -5, 5, light)) +
    line('M-20 56H20', light, 8) +
    shape(polygonPath('-34,84 34,84 44,98 -44,98'), shade)
  )
}

export const technologyMotifs: readonly Motif[] = [
  {
    name: 'rocket',
    words: 'rocket launch spaceship spacecraft shuttle boost accelerate space astronaut mission',
    colors: ['#5B6BE8', '#E94F64', '#FBB13C'],
    accompanies: 'above',
    draw: rocket,
  },
  {
    name: 'gear',
    words:
      'gear cog mechanic mechanical engineering engineer industrial factory workshop repair setting manufacturing engine steampunk garage',
    colors: ['#46698C', '#C9D6E2', '#F28C38'],
    accompanies: 'behind',
    inset: { x: 0, y: 0, reach: 30 },
    draw: gear,
  },
  {
    name: 'cube',
    words:
      'cube box block blockchain package delivery logistics storage crate 3d parcel shipping module warehouse container',
    colors: ['#3E7CB1', '#81C3E8', '#F5A65B'],
    accompanies: 'beside',
    draw: cube,
  },
  {
    name: 'chip',
    words:
      'chip processor cpu semiconductor hardware circuit electronic computer tech technology silicon quantum',
    colors: ['#2F66D0', '#8FB3F0', '#2FD3B0'],
    accompanies: 'beside',
    draw: chip,
  },
  {
    name: 'code',
    words: 'code coding developer programming programmer software terminal script api app web website hacker',
    colors: ['#3B4CCA', '#8FA2FF', '#2ED3A5'],
    accompanies: 'beside',
    draw: brackets,
  },
  {
    name: 'chart',
    words:
      'chart graph analytics data statistic invest investment trading stock market marketing accounting fintech consulting business sale',
    colors: ['#2F6FDE', '#9CC2F5', '#18B98B'],
    accompanies: 'beside',
    draw: chart,
  },
  {
    name: 'signal',
    words: 'signal wifi wireless radio broadcast podcast network stream streaming antenna connect connection',
    colors: ['#3867D6', '#45AAF2', '#FC5C65'],
    accompanies: 'above',
    draw: signal,
  },
  {
    name: 'robot',
    words: 'robot bot android automation chatbot machine ai assistant robotic',
    colors: ['#4C6FFF', '#8FA7FF', '#3DDCB4'],
    accompanies: 'beside',
    draw: robot,
  },
]
