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
} from '../shapes.ts'

function book(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const page = 'M0 -44C-24 -66 -58 -70 -88 -64V58C-58 52 -24 56 0 76Z'
  const rows = [-36, -12, 12]
    .map((y) => line(`M-70 ${y}C-52 ${y - 2} -34 ${y + 2} -20 ${y + 10}`, second, 7))
    .join('')
  return (
    mirrored(shape('M0 -34C-24 -56 -66 -58 -98 -50V74C-60 66 -26 70 0 90Z', shade)) +
    mirrored(shape(page, light)) +
    mirrored(pen.clip(page, rows)) +
    line('M0 -42V82', body, 9) +
    shape('M34 -61L58 -66V6L46 -6L34 12Z', accent) +
    mirrored(line('M0 89C-26 69 -60 65 -97 73', pen.inks.body, 9))
  )
}

function bubble(pen: Pen): string {
  const { body, shade, second, light } = pen.inks
  const outline =
    'M-66 -76H50C72 -76 86 -62 86 -40V16C86 38 72 52 50 52H-14L-50 88C-54 92 -60 90 -60 84V52C-82 50 -96 38 -96 16V-40C-96 -62 -86 -76 -66 -76Z'
  return (
    shape('M44 -46H74C90 -46 98 -36 98 -22V46C98 60 90 70 76 70V88C76 94 72 96 68 92L46 70H10V-46Z', second) +
    shape(outline, pen.surface(body)) +
    pen.clip(outline, shape('M50 -80C90 -20 60 40 0 60H100V-80Z', shade)) +
    [-52, -6, 40].map((x) => circle(x, -12, 13, light)).join('')
  )
}

function mail(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const outline = roundedPath('-94,-60 94,-60 94,70 -94,70', 16)
  return (
    shape(outline, pen.surface(body)) +
    pen.clip(
      outline,
      shape(polygonPath('-100,76 -10,2 10,2 100,76'), shade) +
        shape(roundedPath('-104,-64 104,-64 0,30', 10), second),
    ) +
    circle(76, -54, 21, accent)
  )
}

function camera(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const outline =
    'M-80 -48H-44L-32 -68C-30 -72 -26 -74 -22 -74H22C26 -74 30 -72 32 -68L44 -48H80C90 -48 96 -42 96 -32V60C96 70 90 76 80 76H-80C-90 76 -96 70 -96 60V-32C-96 -42 -90 -48 -80 -48Z'
  return (
    shape(outline, pen.surface(body)) +
    pen.clip(outline, box(-100, 40, 200, 40, shade)) +
    circle(0, 12, 50, light) +
    circle(0, 12, 39, dark) +
    circle(0, 12, 26, second) +
    circle(-10, 2, 8, light) +
    circle(70, -24, 8, accent)
  )
}

function clock(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  return (
    mirrored(move(-58, -70, ellipse(0, 0, 30, 17, second), 1, -42) + line('M-52 68L-66 90', shade, 14)) +
    circle(0, 4, 82, pen.surface(body)) +
    circle(0, 4, 62, light) +
    move(
      0,
      4,
      around(4, () => line('M0 -52V-46', shade, 8)),
    ) +
    line('M0 4V-32', dark, 10) +
    line('M0 4L26 20', accent, 10) +
    circle(0, 4, 9, dark)
  )
}

function bag(pen: Pen): string {
  const { body, shade, accent, light } = pen.inks
  const outline = roundedPath('-66,-40 66,-40 80,92 -80,92', 14)
  return (
    line('M-32 -22V-50C-32 -96 32 -96 32 -50V-22', accent, 13) +
    shape(outline, pen.surface(body)) +
    pen.clip(outline, shape(polygonPath('30,-50 8,100 100,100 100,-50'), shade)) +
    line('M-32 -30V-18C-32 26 32 26 32 -18V-30', light, 11)
  )
}

export const everydayMotifs: readonly Motif[] = [
  {
    name: 'book',
    words:
      'book library reading read story education school learn learning study student academy literature publish publisher novel bookstore bookshop course knowledge college author magazine poetry',
    colors: ['#2F5D9B', '#9DB8DA', '#E8574B'],
    accompanies: 'below',
    draw: book,
  },
  {
    name: 'bubble',
    words:
      'bubble chat message messenger talk speech conversation communication social forum comment dialogue discussion speak feedback voice',
    colors: ['#4C7DF0', '#8FD0C8', '#F5B84C'],
    accompanies: 'beside',
    draw: bubble,
  },
  {
    name: 'mail',
    words: 'mail email letter envelope newsletter post inbox postal',
    colors: ['#3E82E5', '#8DB9F7', '#F2545B'],
    accompanies: 'beside',
    draw: mail,
  },
  {
    name: 'camera',
    words:
      'camera photo photography photographer lens picture film video movie cinema snapshot selfie image gallery',
    colors: ['#4A5A78', '#4EA8DE', '#F2A93B'],
    accompanies: 'beside',
    draw: camera,
  },
  {
    name: 'clock',
    words: 'clock time hour alarm schedule timer calendar minute appointment',
    colors: ['#E4574E', '#F2A08A', '#2F6690'],
    accompanies: 'beside',
    draw: clock,
  },
  {
    name: 'bag',
    words:
      'bag shop shopping store boutique fashion retail cart clothing clothes apparel ecommerce commerce handbag mall dress',
    colors: ['#E55D7B', '#F4A5B4', '#5B4B8A'],
    accompanies: 'beside',
    draw: bag,
  },
]
