import { mix } from '../colour-space.ts'
import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import { circle, ellipse, box, shape, line, move } from '../shapes.ts'

const steam = (color: string) =>
  [-30, 0, 30].map((x) => line(`M${x} -46C${x - 14} -58 ${x + 14} -70 ${x} -84`, color, 8)).join('')

function cup(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const bowl = 'M-66 -26H50V10C50 46 30 62 0 62H-16C-46 62 -66 46 -66 10Z'
  return (
    move(-8, 0, steam(accent)) +
    `<path d="M44 -10H64C94 -10 92 38 58 38H36" fill="none" stroke="${shade}" stroke-width="15"/>` +
    shape(bowl, pen.surface(body)) +
    pen.clip(bowl, shape('M8 -30C30 10 10 50 -30 66H60V-30Z', shade) + box(-70, -30, 130, 16, second)) +
    box(-84, 74, 152, 15, second, 7)
  )
}

function bean(pen: Pen): string {
  const { body, shade, second, light } = pen.inks
  const one = (x: number, y: number, scale: number, angle: number, color: string) =>
    move(
      x,
      y,
      ellipse(0, 0, 48, 68, color) +
        `<path d="M8 -68C-26 -30 30 16 -8 68" fill="none" stroke="${light}" stroke-width="9" stroke-linecap="butt"/>`,
      scale,
      angle,
    )
  return (
    one(-36, 16, 0.94, -24, shade) + one(40, -10, 1.08, 24, pen.surface(body)) + circle(-58, -72, 9, second)
  )
}

function wine(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const bowl = 'M-48 -92H48C58 -30 50 22 0 24C-50 22 -58 -30 -48 -92Z'
  return (
    box(-6, 20, 12, 62, second) +
    box(-42, 80, 84, 14, second, 7) +
    shape(bowl, mix(second, light, 0.55)) +
    pen.clip(
      bowl,
      shape('M-70 -40C-30 -56 20 -24 70 -40V40H-70Z', pen.surface(body)) +
        shape('M14 -40C40 -36 30 10 -10 30H80V-50Z', shade),
    ) +
    circle(-62, -64, 10, accent) +
    circle(-76, -36, 6, accent)
  )
}

function beer(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  return (
    `<path d="M44 -14H66C88 -14 88 56 66 56H44" fill="none" stroke="${second}" stroke-width="15"/>` +
    box(-66, -44, 112, 136, pen.surface(body), 14) +
    [-40, -10, 20].map((x) => box(x - 7, -10, 14, 80, shade, 7)).join('') +
    shape(
      'M-72 -30C-92 -50 -74 -76 -52 -70C-46 -94 -10 -98 0 -80C18 -94 44 -84 42 -66C66 -64 64 -30 44 -28C34 -28 32 -10 20 -10C8 -10 10 -28 -2 -28Z',
      accent === body ? light : accent,
    )
  )
}

export const drinkMotifs: readonly Motif[] = [
  {
    name: 'cup',
    words: 'cup coffee cafe café espresso latte cappuccino mug barista mocha brew chai teahouse breakfast',
    colors: ['#7A4B32', '#C78F5E', '#E7A24A'],
    accompanies: 'beside',
    inset: { x: -8, y: 22, reach: 27 },
    draw: cup,
  },
  {
    name: 'bean',
    words: 'bean roaster roastery roast cocoa chocolate cacao',
    colors: ['#6F4329', '#D9A066', '#C98B4E'],
    accompanies: 'beside',
    draw: bean,
  },
  {
    name: 'wine',
    words: 'wine winery vineyard grape cocktail bar sommelier drink champagne',
    colors: ['#9B2242', '#B9A3A9', '#D9A441'],
    accompanies: 'beside',
    draw: wine,
  },
  {
    name: 'beer',
    words: 'beer brewery pub ale lager craft hops tavern',
    colors: ['#E8A020', '#B5651D', '#FFF1CC'],
    accompanies: 'beside',
    draw: beer,
  },
]
