import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import {
  box,
  circle,
  ellipse,
  heartPath,
  line,
  mirrored,
  move,
  polygonPath,
  roundedPath,
  sectorPath,
  shape,
  shieldPath,
} from '../shapes.ts'

function heart(pen: Pen): string {
  const { body, shade, light } = pen.inks
  return (
    shape(heartPath, pen.surface(body)) +
    pen.clip(heartPath, shape('M62 -90C84 -30 40 30 -34 62L0 100H110V-90Z', shade)) +
    line('M-66 -30C-66 -44 -58 -52 -46 -54', light, 10)
  )
}

function shield(pen: Pen): string {
  const { body, shade, accent } = pen.inks
  const half = pen.clip(shieldPath, box(0, -100, 100, 200, shade))
  const rim = move(0, 1, pen.clip(shieldPath, shape(shieldPath, pen.surface(body)) + half), 0.8)
  return shape(shieldPath, accent) + rim
}

function shieldCheck(pen: Pen): string {
  return shield(pen) + line('M-32 2L-8 28L36 -24', pen.inks.light, 16)
}

function crown(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const outline = roundedPath('-88,-46 -44,-4 0,-78 44,-4 88,-46 70,58 -70,58', 6)
  return (
    shape(outline, pen.surface(body)) +
    pen.clip(outline, shape(polygonPath('0,-80 44,-4 90,-50 70,60 0,60'), shade)) +
    circle(-88, -50, 11, accent) +
    circle(0, -82, 13, accent) +
    circle(88, -50, 11, accent) +
    box(-74, 66, 148, 18, second, 8) +
    shape(roundedPath('0,0 16,22 0,44 -16,22', 4), light) +
    mirrored(circle(-40, 34, 8, light))
  )
}

function diamond(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const outline = roundedPath('-56,-70 56,-70 96,-20 0,88 -96,-20', 6)
  return pen.clip(
    outline,
    shape(outline, body) +
      shape(polygonPath('0,-90 110,-90 110,-20 0,96'), shade) +
      shape(polygonPath('-110,-20 -40,-20 0,90'), second) +
      shape(polygonPath('-40,-20 40,-20 0,90'), pen.surface(body)) +
      shape(polygonPath('-60,-74 0,-74 -40,-20'), light) +
      shape(polygonPath('0,-74 60,-74 40,-20'), second) +
      shape(polygonPath('0,-75 41,-19 -41,-19'), accent),
  )
}

function key(pen: Pen): string {
  const { body, shade, accent } = pen.inks
  const bow = `<circle cx="0" cy="-52" r="34" fill="none" stroke="${pen.surface(body)}" stroke-width="22"/>`
  return move(
    0,
    0,
    box(-10, -18, 20, 114, shade, 8) +
      box(0, 46, 40, 17, shade, 5) +
      box(0, 76, 30, 17, shade, 5) +
      bow +
      circle(0, -52, 12, accent),
    1,
    40,
  )
}

function lock(pen: Pen): string {
  const { body, shade, second, light, line: dark } = pen.inks
  return (
    line('M-42 -6V-38C-42 -98 42 -98 42 -38V-6', second, 19) +
    box(-72, -12, 144, 104, pen.surface(body), 20) +
    pen.clip(
      'M-52 -12H52C63 -12 72 -3 72 8V72C72 83 63 92 52 92H-52C-63 92 -72 83 -72 72V8C-72 -3 -63 -12 -52 -12Z',
      box(8, -20, 80, 120, shade),
    ) +
    circle(0, 32, 17, light) +
    line('M0 36V62', light, 12) +
    circle(0, 32, 6, dark)
  )
}

function eye(pen: Pen): string {
  const { body, shade, accent, light, line: dark } = pen.inks
  const outline = 'M-98 0C-60 -58 60 -58 98 0C60 58 -60 58 -98 0Z'
  return (
    line('M-64 -62L-54 -48M0 -80V-60M64 -62L54 -48', accent, 9) +
    shape(outline, light) +
    line(outline, dark, 11) +
    circle(0, 0, 39, pen.surface(body)) +
    shape(sectorPath(0, 39, 40, 220), shade) +
    circle(0, 0, 18, dark) +
    circle(11, -12, 8, light)
  )
}

function hand(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  return (
    move(0, -34, shape(heartPath, pen.surface(accent)), 0.58) +
    shape(
      'M-98 42C-70 26 -44 30 -24 44H18C34 44 34 64 18 66H-12L34 64L74 40C90 32 102 46 90 58C66 82 40 94 10 94H-98Z',
      body,
    ) +
    line('M-16 66H20', shade, 6) +
    box(-98, 36, 20, 60, second, 4)
  )
}

function cross(pen: Pen): string {
  const { body, shade, light } = pen.inks
  const plus =
    'M-30 -92H30C38 -92 42 -88 42 -80V-42H80C88 -42 92 -38 92 -30V30C92 38 88 42 80 42H42V80C42 88 38 92 30 92H-30C-38 92 -42 88 -42 80V42H-80C-88 42 -92 38 -92 30V-30C-92 -38 -88 -42 -80 -42H-42V-80C-42 -88 -38 -92 -30 -92Z'
  return (
    shape(plus, pen.surface(body)) +
    pen.clip(plus, shape(polygonPath('0,0 100,-100 100,100 -100,100'), shade)) +
    line('M-66 4H-28L-12 -30L10 36L26 4H66', light, 11)
  )
}

function infinity(pen: Pen): string {
  const { body, second, accent } = pen.inks
  return (
    line(
      'M0 0C-24 -34 -40 -44 -56 -44C-80 -44 -90 -22 -90 0C-90 22 -80 44 -56 44C-40 44 -24 34 0 0',
      body,
      23,
    ) +
    line('M0 0C24 -34 40 -44 56 -44C80 -44 90 -22 90 0C90 22 80 44 56 44C40 44 24 34 0 0', second, 23) +
    line('M-26 -33C-17 -24 -8 -12 0 0C8 12 17 24 26 33', accent, 23)
  )
}

function trophy(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const bowl = 'M-52 -88H52V-40C52 0 30 24 0 24C-30 24 -52 0 -52 -40Z'
  return (
    mirrored(line('M-52 -66H-86C-90 -26 -66 -8 -44 -8', shade, 13)) +
    shape('M-12 20H12L16 60H-16Z', shade) +
    shape(bowl, pen.surface(body)) +
    pen.clip(bowl, box(10, -100, 60, 130, shade)) +
    box(-42, 56, 84, 17, second, 6) +
    box(-56, 76, 112, 18, accent, 6) +
    ellipse(-28, -54, 7, 18, light)
  )
}

export const symbolMotifs: readonly Motif[] = [
  {
    name: 'heart',
    words: 'heart love care caring wedding dating romance valentine passion kindness couple caregiver',
    colors: ['#E8425A', '#F58A9B', '#FBC1B0'],
    accompanies: 'above',
    inset: { x: 0, y: -4, reach: 48 },
    draw: heart,
  },
  {
    name: 'shield',
    words:
      'shield security secure protect protection guard guardian defense defence knight safe insurance cybersecurity trust privacy antivirus armor',
    colors: ['#2459B8', '#6C93DD', '#1BB79A'],
    accompanies: 'behind',
    inset: { x: 0, y: -2, reach: 50 },
    draw: shieldCheck,
  },
  {
    name: 'crown',
    words: 'crown king queen royal royalty prince princess regal kingdom majesty monarchy tiara',
    colors: ['#E0A526', '#B8791A', '#C8314A'],
    accompanies: 'above',
    draw: crown,
  },
  {
    name: 'diamond',
    words:
      'diamond gem jewel jewelry jewellery jeweler crystal gemstone ruby sapphire emerald treasure luxury premium ring',
    colors: ['#2E9BD6', '#8AD1F0', '#BDE7F7'],
    accompanies: 'above',
    draw: diamond,
  },
  {
    name: 'key',
    words: 'key unlock access locksmith rental password',
    colors: ['#E0A030', '#B97A1A', '#3E6FA8'],
    accompanies: 'beside',
    draw: key,
  },
  {
    name: 'lock',
    words: 'lock padlock encryption vault secret',
    colors: ['#F2A93B', '#5B6B88', '#3B82F6'],
    accompanies: 'beside',
    draw: lock,
  },
  {
    name: 'eye',
    words: 'eye vision optic optical optician look see view insight watch glasses eyewear visionary',
    colors: ['#2C8C99', '#42B3B8', '#F2A541'],
    accompanies: 'beside',
    draw: eye,
  },
  {
    name: 'hand',
    words: 'hand charity donation nonprofit volunteer help giving support community foundation humanitarian',
    colors: ['#F0B08A', '#2F6DB5', '#E8425A'],
    accompanies: 'below',
    draw: hand,
  },
  {
    name: 'cross',
    words:
      'cross medical medicine clinic hospital doctor health healthcare pharmacy nurse therapy plus pharma dental dentist first-aid',
    colors: ['#12A594', '#57C9B8', '#F06A6A'],
    accompanies: 'beside',
    draw: cross,
  },
  {
    name: 'infinity',
    words: 'infinity infinite endless eternal loop forever continuous devops',
    colors: ['#5B5BD6', '#E0569B', '#8E4EC6'],
    accompanies: 'beside',
    draw: infinity,
  },
  {
    name: 'trophy',
    words: 'trophy champion winner win league tournament victory prize success medal competition contest',
    colors: ['#E8B023', '#B5651D', '#5C4033'],
    accompanies: 'beside',
    draw: trophy,
  },
]
