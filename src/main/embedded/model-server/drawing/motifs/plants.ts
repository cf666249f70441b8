import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import { around, box, circle, leafPath, line, mirrored, move, roundedPath, shape } from '../shapes.ts'

/** A leaf standing on the origin with its right half in shade. */
function shadedLeaf(pen: Pen, length: number, width: number, vein: string | null = null): string {
  const outline = leafPath(length, width)
  return (
    shape(outline, pen.surface(pen.inks.body)) +
    pen.clip(outline, box(0, -length - 10, width, length + 20, pen.inks.shade)) +
    (vein === null ? '' : line(`M0 ${length * 0.16}V${-length * 0.66}`, vein, length * 0.035))
  )
}

function leaf(pen: Pen): string {
  const { light, line: dark } = pen.inks
  const veins = [-42, -74, -106]
    .map((y) => line(`M0 ${y}L24 ${y - 22}M0 ${y + 8}L-24 ${y - 14}`, light, 5))
    .join('')
  return move(
    -62,
    74,
    line('M0 0C-8 14 -14 20 -22 26', dark, 10) +
      shadedLeaf(pen, 184, 110) +
      line('M0 4V-142', light, 6) +
      veins,
    1,
    40,
  )
}

function sprout(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  return (
    line('M0 84C0 40 -2 20 0 -6', pen.inks.line, 12) +
    move(0, 10, shadedLeaf(pen, 118, 84), 1, -54) +
    move(
      0,
      -4,
      move(0, 0, shape(leafPath(106, 78), second) + line('M0 0V-64', shade === second ? body : shade, 5)),
      1,
      48,
    ) +
    shape('M-70 92C-60 66 -30 58 0 58C30 58 60 66 70 92Z', accent)
  )
}

function flower(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const petals = pen.random.pick([6, 8, 12])
  const width = 210 / petals + 4
  const outline =
    petals === 12
      ? leafPath(84, 50)
      : `M0 6C${-width * 1.3} -30 ${-width * 1.2} -84 0 -84C${width * 1.2} -84 ${width * 1.3} -30 0 6Z`
  const petal =
    shape(outline, pen.surface(body)) +
    pen.clip(outline, box(0, -100, 60, 120, petals === 12 ? second : shade))
  return (
    around(petals, () => move(0, -13, petal)) +
    circle(0, 0, 29, accent) +
    circle(0, 0, 15, petals === 8 ? light : second)
  )
}

function tulip(pen: Pen): string {
  const { body, shade, second } = pen.inks
  return (
    line('M0 10V92', pen.inks.line, 10) +
    move(0, 90, shape(leafPath(92, 46), second), 1, -32) +
    move(0, 90, shape(leafPath(78, 42), second), 1, 34) +
    shape('M0 -96C26 -70 30 -30 0 10C-30 -30 -26 -70 0 -96Z', shade) +
    mirrored(
      shape('M-62 -84C-34 -80 -8 -40 2 20C-30 24 -62 6 -66 -30C-68 -50 -66 -68 -62 -84Z', pen.surface(body)),
    )
  )
}

function lotus(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const side = (angle: number, length: number, color: string) =>
    move(0, 56, shape(leafPath(length, 62), color), 1, angle)
  return (
    mirrored(side(-68, 104, second)) +
    mirrored(side(-40, 122, shade)) +
    mirrored(side(-20, 128, pen.surface(body))) +
    move(0, 56, shape(leafPath(138, 66), accent)) +
    line('M-64 78C-36 90 36 90 64 78', body, 9)
  )
}

function wheat(pen: Pen): string {
  const { body, shade, accent } = pen.inks
  const grain = (y: number) =>
    move(0, y, shape(leafPath(46, 30), body), 1, -42) + move(0, y, shape(leafPath(46, 30), shade), 1, 42)
  return (
    line('M0 -40V96', accent, 8) +
    [70, 34, -2, -38].map(grain).join('') +
    move(0, -48, shape(leafPath(50, 32), pen.surface(body)))
  )
}

function mushroom(pen: Pen): string {
  const { body, shade, light, second } = pen.inks
  const cap = 'M-92 18C-92 -50 -50 -90 0 -90C50 -90 92 -50 92 18C92 30 60 34 0 34C-60 34 -92 30 -92 18Z'
  return (
    shape(
      'M-28 20H28C26 50 34 70 40 84C42 92 36 96 28 96H-28C-36 96 -42 92 -40 84C-34 70 -26 50 -28 20Z',
      second,
    ) +
    shape(cap, pen.surface(body)) +
    pen.clip(cap, shape('M40 -100C70 -40 40 20 -60 36H100V-100Z', shade)) +
    circle(-34, -32, 17, light) +
    circle(20, -56, 12, light) +
    circle(46, -6, 15, light) +
    circle(-4, 4, 9, light)
  )
}

function clover(pen: Pen): string {
  const { body, shade, accent } = pen.inks
  const lobe =
    'M0 -6C-16 -22 -48 -34 -48 -64C-48 -84 -30 -92 -16 -88C-8 -86 -2 -80 0 -72C2 -80 8 -86 16 -88C30 -92 48 -84 48 -64C48 -34 16 -22 0 -6Z'
  const drawn = shape(lobe, pen.surface(body)) + pen.clip(lobe, box(0, -100, 60, 100, shade))
  return (
    line('M0 0C8 40 22 68 40 88', accent, 11) +
    move(
      0,
      -8,
      around(4, () => drawn, 45),
      0.92,
    )
  )
}

function houseplant(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const pot = roundedPath('-52,20 52,20 38,96 -38,96', 10)
  return (
    [-62, -30, 32, 62]
      .map((angle, i) =>
        move(0, 22, shape(leafPath(94 + (i % 2) * 18, 48), i % 2 === 0 ? second : accent), 1, angle),
      )
      .join('') +
    move(0, 24, shape(leafPath(122, 54), second)) +
    shape(pot, pen.surface(body)) +
    pen.clip(pot, box(8, 0, 90, 100, shade)) +
    box(-60, 12, 120, 20, body, 7)
  )
}

export const plantMotifs: readonly Motif[] = [
  {
    name: 'leaf',
    words:
      'leaf leave eco organic vegan herb herbal natural nature tea matcha botanical sustainable environment bio green',
    colors: ['#3FA34D', '#8CC152', '#F2C14E'],
    accompanies: 'beside',
    draw: leaf,
  },
  {
    name: 'sprout',
    words: 'sprout seed seedling plant grow growth garden gardening gardener startup farm agriculture grass',
    colors: ['#4CAF50', '#9CCC65', '#A9744F'],
    accompanies: 'above',
    draw: sprout,
  },
  {
    name: 'flower',
    words:
      'flower floral florist bloom blossom daisy petal sunflower bouquet cherry-blossom beauty sakura spring',
    colors: ['#E5589A', '#8E5CC7', '#FBC02D'],
    accompanies: 'beside',
    draw: flower,
  },
  {
    name: 'tulip',
    words: 'tulip rose dutch perfume bud',
    colors: ['#E24A68', '#3E9B5C', '#F7B267'],
    accompanies: 'beside',
    draw: tulip,
  },
  {
    name: 'lotus',
    words: 'lotus yoga zen spa meditation meditate wellness mindful mindfulness calm lily massage ayurveda',
    colors: ['#B45CC4', '#F29CB7', '#F7B267'],
    accompanies: 'beside',
    draw: lotus,
  },
  {
    name: 'wheat',
    words: 'wheat grain bakery baker bread harvest barley flour cereal oat field mill',
    colors: ['#D9982B', '#A9652C', '#8C6A3F'],
    accompanies: 'beside',
    draw: wheat,
  },
  {
    name: 'mushroom',
    words: 'mushroom fungi fungus toadstool mycelium fairy',
    colors: ['#D9423A', '#EAD7BE', '#F2C14E'],
    accompanies: 'beside',
    draw: mushroom,
  },
  {
    name: 'clover',
    words: 'clover shamrock luck lucky irish',
    colors: ['#2E9E5B', '#7CC576', '#1F7A4D'],
    accompanies: 'beside',
    draw: clover,
  },
  {
    name: 'houseplant',
    words: 'houseplant pot monstera nurserie decor interior',
    colors: ['#D9734E', '#3C9D6B', '#7CC576'],
    accompanies: 'beside',
    draw: houseplant,
  },
]
