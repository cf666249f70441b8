import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import { circle, box, shape, line, ring, move, polygonPath, roundedPath } from '../shapes.ts'

function pencil(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const stick = roundedPath('-26,-96 26,-96 26,44 -26,44', 9)
  return move(
    0,
    0,
    shape(polygonPath('-26,40 26,40 0,98'), light) +
      shape(polygonPath('-9,78 9,78 0,98'), dark) +
      shape(stick, pen.surface(body)) +
      pen.clip(
        stick,
        box(9, -60, 30, 110, shade) + box(-30, -100, 60, 32, accent) + box(-30, -68, 60, 14, second),
      ),
    1,
    38,
  )
}

function palette(pen: Pen): string {
  const { body, shade, second, accent, light, ground, line: dark } = pen.inks
  const board =
    'M0 -82C56 -82 96 -48 96 -4C96 34 66 44 38 38C16 34 4 48 14 64C22 80 12 88 -6 86C-56 82 -96 44 -96 -2C-96 -48 -54 -82 0 -82Z'
  return (
    shape(board, pen.surface(body)) +
    circle(-52, -22, 16, accent) +
    circle(-14, -50, 16, light) +
    circle(34, -46, 16, second) +
    circle(64, -10, 14, dark) +
    circle(-50, 24, 17, shade) +
    circle(-14, 52, 13, ground)
  )
}

function tools(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const wrench =
    box(-11, -40, 22, 132, body, 11) +
    shape(
      'M-40 -84L-18 -70V-46L0 -36L18 -46V-70L40 -84C54 -50 36 -16 0 -16C-36 -16 -54 -50 -40 -84Z',
      pen.surface(body),
    )
  const hammer =
    box(-10, -40, 20, 134, accent, 10) +
    shape('M-46 -84H26C40 -84 52 -76 58 -60L36 -52H-46Z', second) +
    box(-52, -90, 26, 44, shade, 6)
  return move(0, 0, hammer, 1, -40) + move(0, 0, wrench, 1, 40)
}

function scissors(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const blade = (color: string) =>
    shape('M-6 6L-9 -98C6 -86 12 -40 10 8Z', color) +
    line('M2 4V36', second, 14) +
    ring(0, 62, 24, second, 14)
  return move(
    0,
    2,
    move(0, 0, blade(shade), 1, 27) + move(0, 0, blade(body), 1, -27) + circle(0, 2, 7, accent),
  )
}

export const craftMotifs: readonly Motif[] = [
  {
    name: 'pencil',
    words:
      'pencil pen write writing writer draw sketch blog journal notebook editor stationery copywriting craftsman',
    colors: ['#F5B82E', '#B9C2CF', '#EE6C7C'],
    accompanies: 'beside',
    draw: pencil,
  },
  {
    name: 'paint',
    words:
      'paint painter painting palette art artist artistic studio colour color colorful colourful brush designer',
    colors: ['#D9A066', '#3FA7D6', '#EE5D6C'],
    accompanies: 'beside',
    draw: palette,
  },
  {
    name: 'tools',
    words:
      'tool wrench hammer construction builder build handyman carpenter carpentry maintenance renovation hardware-store fix contractor',
    colors: ['#4F6D8F', '#5F6B7A', '#E9963C'],
    accompanies: 'beside',
    draw: tools,
  },
  {
    name: 'scissors',
    words: 'scissor barber barbershop hair hairdresser salon haircut tailor sewing stylist paper',
    colors: ['#4C5F7A', '#D8484F', '#E9B44C'],
    accompanies: 'beside',
    draw: scissors,
  },
]
