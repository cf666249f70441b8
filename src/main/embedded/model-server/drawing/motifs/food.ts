import { mix } from '../colour-space.ts'
import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import {
  circle,
  box,
  shape,
  line,
  move,
  mirrored,
  around,
  roundedPath,
  leafPath,
  sectorPath,
} from '../shapes.ts'

function cupcake(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const paper = roundedPath('-58,26 58,26 42,94 -42,94', 8)
  const icing =
    'M-70 34C-92 14 -74 -12 -52 -10C-56 -36 -34 -48 -20 -42C-20 -66 0 -74 14 -74C22 -60 30 -56 26 -42C46 -46 62 -28 52 -10C78 -12 90 16 70 34C40 44 -40 44 -70 34Z'
  return (
    shape(paper, second) +
    pen.clip(paper, [-36, -12, 12, 36].map((x) => line(`M${x * 1.1} 24L${x * 0.84} 96`, shade, 8)).join('')) +
    shape(icing, pen.surface(body)) +
    pen.clip(icing, shape('M-54 -10C-20 8 30 4 54 -10L60 0C30 18 -30 18 -60 0Z', shade)) +
    circle(8, -80, 15, accent) +
    [
      [-34, 14],
      [0, 22],
      [36, 12],
      [-8, -30],
    ]
      .map(([x, y]) => circle(x!, y!, 5, light))
      .join('')
  )
}

function cone(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const wafer = roundedPath('-48,2 48,2 0,98', 8)
  return (
    shape(wafer, second) +
    pen.clip(wafer, line('M-40 40L20 -10M-20 76L50 10M40 40L-20 -10M20 76L-50 10', accent, 6)) +
    circle(-26, -18, 35, shade) +
    circle(26, -18, 35, pen.surface(body)) +
    circle(0, -56, 38, light === pen.inks.ground ? accent : light) +
    line('M-50 6H50', shade, 13)
  )
}

function apple(pen: Pen): string {
  const { body, shade, second, light } = pen.inks
  const fruit =
    'M0 -44C16 -58 46 -62 66 -42C92 -14 78 50 44 84C28 96 14 86 0 86C-14 86 -28 96 -44 84C-78 50 -92 -14 -66 -42C-46 -62 -16 -58 0 -44Z'
  return (
    shape(fruit, pen.surface(body)) +
    pen.clip(fruit, shape('M34 -70C64 -20 50 40 -10 92H100V-70Z', shade)) +
    line('M0 -40C0 -58 4 -70 10 -80', pen.inks.line, 9) +
    move(6, -56, shape(leafPath(58, 38), second), 1, 62) +
    line('M-54 -10C-52 -22 -46 -28 -38 -32', light, 8)
  )
}

function citrus(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  return (
    move(40, -70, shape(leafPath(60, 40), second), 1, 64) +
    circle(0, 6, 86, pen.surface(body)) +
    circle(0, 6, 70, light) +
    move(
      0,
      6,
      around(8, (i) => shape(sectorPath(10, 62, 4, 41), i % 2 === 0 ? accent : shade)),
    )
  )
}

function pizza(pen: Pen): string {
  const { body, second, accent, shade, light } = pen.inks
  const slice = roundedPath('-78,-52 78,-52 0,98', 10)
  return (
    shape(slice, pen.surface(body)) +
    pen.clip(
      slice,
      shape(
        'M-90 -60H90V-30C60 -40 60 -8 44 -20C30 -30 20 10 4 -8C-8 -22 -20 0 -34 -14C-50 -28 -60 -10 -90 -30Z',
        mix(body, light, 0.5),
      ),
    ) +
    shape(
      'M-86 -48C-96 -66 -82 -78 -66 -80C-24 -90 24 -90 66 -80C82 -78 96 -66 86 -48C40 -62 -40 -62 -86 -48Z',
      shade,
    ) +
    [
      [-24, 2, 15],
      [22, 14, 14],
      [-2, 50, 12],
    ]
      .map(([x, y, r]) => circle(x!, y!, r!, accent))
      .join('') +
    move(34, -18, shape(leafPath(24, 16), second), 1, 70)
  )
}

function cutlery(pen: Pen): string {
  const { body, second, accent, light, shade } = pen.inks
  const fork =
    line('M-20 -92V-52M0 -92V-52M20 -92V-52', second, 10) +
    line('M-20 -54C-20 -26 20 -26 20 -54M0 -34V92', second, 13)
  const knife = shape('M-6 -94C22 -80 26 -20 18 6H-6Z', accent) + line('M1 6V92', accent, 13)
  return (
    circle(0, 0, 82, pen.surface(body)) +
    circle(0, 0, 60, light) +
    `<circle r="44" fill="none" stroke="${shade}" stroke-width="4" opacity="0.35"/>` +
    move(-22, 0, fork, 0.94, -28) +
    move(24, 0, knife, 0.94, 28)
  )
}

function chef(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const hat = 'M-52 40L-58 6C-98 -2 -98 -60 -52 -62C-38 -100 38 -100 52 -62C98 -60 98 -2 58 6L52 40Z'
  return (
    shape(hat, pen.surface(body)) +
    pen.clip(hat, shape('M40 -100C90 -40 60 20 30 44H100V-100Z', shade)) +
    mirrored(line('M-22 34L-26 -4', light, 7)) +
    box(-56, 44, 112, 26, second, 8) +
    box(-50, 78, 100, 12, accent, 6)
  )
}

export const foodMotifs: readonly Motif[] = [
  {
    name: 'cupcake',
    words: 'cupcake cake dessert pastry sweet candy muffin birthday confectionery patisserie cookie donut',
    colors: ['#F06A9B', '#F7C873', '#E03E52'],
    accompanies: 'beside',
    draw: cupcake,
  },
  {
    name: 'icecream',
    words: 'icecream gelato sorbet cone ice-cream frozen-yogurt',
    colors: ['#EF7FA8', '#E2A65A', '#B9783A'],
    accompanies: 'beside',
    draw: cone,
  },
  {
    name: 'apple',
    words: 'apple fruit nutrition diet healthy grocery vegetable cider cherry peach tomato pumpkin teacher',
    colors: ['#DE3D44', '#5AA84A', '#F2B33D'],
    accompanies: 'beside',
    draw: apple,
  },
  {
    name: 'citrus',
    words: 'citrus orange-fruit lemon lemonade lime juice fresh grapefruit vitamin smoothie',
    colors: ['#F28F1C', '#5DAA4B', '#FBB740'],
    accompanies: 'beside',
    draw: citrus,
  },
  {
    name: 'pizza',
    words: 'pizza pizzeria slice italian cheese pasta burger taco',
    colors: ['#F4B63F', '#4F9A4A', '#D8402F'],
    accompanies: 'beside',
    draw: pizza,
  },
  {
    name: 'cutlery',
    words: 'cutlery restaurant food dining dinner fork knife spoon meal eat catering bistro lunch diner',
    colors: ['#D9573F', '#4A5568', '#F2B33D'],
    accompanies: 'beside',
    draw: cutlery,
  },
  {
    name: 'chef',
    words: 'chef cook kitchen culinary recipe cooking cuisine gourmet noodle ramen',
    colors: ['#5B7DB1', '#E4572E', '#F3A712'],
    accompanies: 'above',
    draw: chef,
  },
]
