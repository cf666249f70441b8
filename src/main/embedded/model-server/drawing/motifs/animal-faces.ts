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
  roundedPath,
  leafPath,
} from '../shapes.ts'

const eyes = (x: number, y: number, r: number, color: string, glint: string) =>
  [-x, x].map((cx) => circle(cx, y, r, color) + circle(cx + r * 0.34, y - r * 0.36, r * 0.32, glint)).join('')

const nose = (y: number, width: number, color: string) =>
  shape(
    roundedPath(
      [
        [-width, y - width * 0.6],
        [width, y - width * 0.6],
        [0, y + width * 0.7],
      ],
      width * 0.55,
    ),
    color,
  )

function fox(pen: Pen): string {
  const { body, shade, light, line: dark } = pen.inks
  const head = roundedPath('-76,-92 -28,-46 28,-46 76,-92 88,12 0,92 -88,12', 9)
  const cheek = 'M-96 14C-60 4 -30 18 -14 46L0 64V100L-96 40Z'
  return (
    shape(head, pen.surface(body)) +
    pen.clip(head, box(0, -100, 100, 200, shade) + mirrored(shape(cheek, light))) +
    mirrored(shape(roundedPath('-66,-64 -38,-36 -68,-14', 5), dark)) +
    eyes(33, 6, 10, dark, light) +
    nose(78, 17, dark)
  )
}

function cat(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const head =
    'M-80 -84C-78 -94 -68 -94 -62 -88L-34 -58C-12 -64 12 -64 34 -58L62 -88C68 -94 78 -94 80 -84L86 4C88 58 46 86 0 86C-46 86 -88 58 -86 4Z'
  const stripe = (x: number) => line(`M${x} -66V-38`, shade, 9)
  return (
    shape(head, pen.surface(body)) +
    pen.clip(head, stripe(-18) + stripe(0) + stripe(18) + ellipse(0, 62, 44, 30, light)) +
    mirrored(shape(roundedPath('-70,-70 -44,-44 -72,-26', 5), second)) +
    mirrored(ellipse(-36, 4, 12, 15, dark) + circle(-32, -2, 4.5, light)) +
    nose(42, 10, accent) +
    mirrored(line('M0 50C-2 62 -20 64 -24 56', dark, 5) + line('M-56 40L-92 32M-56 52L-92 56', dark, 4))
  )
}

function dog(pen: Pen): string {
  const { body, shade, accent, light, line: dark } = pen.inks
  const head = 'M0 -84C46 -84 70 -54 70 -8C70 48 42 88 0 88C-42 88 -70 48 -70 -8C-70 -54 -46 -84 0 -84Z'
  const ear = 'M-44 -80C-82 -84 -98 -50 -94 -10C-92 24 -78 40 -66 30C-52 18 -58 -20 -46 -46Z'
  return (
    shape(head, pen.surface(body)) +
    pen.clip(head, ellipse(38, -18, 34, 40, light) + ellipse(0, 54, 42, 44, light)) +
    mirrored(shape(ear, shade)) +
    eyes(32, -16, 10, dark, light) +
    shape('M-14 62C-14 92 14 92 14 62Z', accent) +
    ellipse(0, 30, 19, 14, dark) +
    mirrored(line('M0 42V56C-4 68 -24 66 -28 56', dark, 5))
  )
}

function bear(pen: Pen): string {
  const { body, shade, light, second, line: dark } = pen.inks
  const head = 'M0 -72C54 -72 88 -40 88 8C88 58 50 86 0 86C-50 86 -88 58 -88 8C-88 -40 -54 -72 0 -72Z'
  return (
    mirrored(circle(-62, -60, 31, shade) + circle(-62, -60, 15, second)) +
    shape(head, pen.surface(body)) +
    pen.clip(head, shape('M30 -80C80 -40 70 60 10 90H100V-80Z', shade)) +
    ellipse(0, 40, 42, 34, light) +
    eyes(36, -6, 10, dark, light) +
    ellipse(0, 26, 17, 12, dark) +
    mirrored(line('M0 36V48C-3 58 -18 58 -22 50', dark, 5))
  )
}

function panda(pen: Pen): string {
  const { body, second, accent, light, line: dark } = pen.inks
  const head = 'M0 -70C56 -70 90 -38 90 8C90 60 50 86 0 86C-50 86 -90 60 -90 8C-90 -38 -56 -70 0 -70Z'
  const face = light === pen.inks.ground ? second : light
  return (
    mirrored(circle(-66, -60, 32, body)) +
    line(head, body, 9) +
    shape(head, face) +
    mirrored(ellipse(-38, 0, 25, 31, body, 24)) +
    mirrored(circle(-34, 0, 10, face) + circle(-33, 0, 6, dark)) +
    nose(34, 13, dark) +
    mirrored(line('M0 42C-2 56 -20 58 -24 48', dark, 5) + ellipse(-58, 44, 13, 8, accent))
  )
}

function owl(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const figure =
    'M-66 -92C-52 -74 -24 -70 0 -70C24 -70 52 -74 66 -92C82 -62 84 -20 82 18C80 66 46 94 0 94C-46 94 -80 66 -82 18C-84 -20 -82 -62 -66 -92Z'
  const feather = (x: number, y: number) =>
    shape(`M${x - 14} ${y}C${x - 14} ${y + 22} ${x + 14} ${y + 22} ${x + 14} ${y}Z`, second)
  return (
    shape(figure, pen.surface(body)) +
    pen.clip(
      figure,
      ellipse(0, 64, 48, 50, light) +
        [-28, 0, 28].map((x) => feather(x, 34)).join('') +
        [-14, 14].map((x) => feather(x, 58)).join('') +
        mirrored(shape('M-100 0C-58 0 -46 44 -62 100H-100Z', shade)),
    ) +
    mirrored(
      circle(-35, -22, 36, accent) +
        circle(-35, -22, 27, light) +
        circle(-33, -22, 14, dark) +
        circle(-28, -27, 5, light),
    ) +
    shape(roundedPath('-13,-8 13,-8 0,22', 5), dark)
  )
}

function lion(pen: Pen): string {
  const { body, shade, second, light, line: dark } = pen.inks
  const tuft = shape(leafPath(46, 44), second)
  return (
    around(14, () => move(0, -50, tuft)) +
    circle(0, 0, 66, second) +
    mirrored(circle(-48, -46, 17, shade)) +
    circle(0, 2, 56, pen.surface(body)) +
    mirrored(circle(-13, 30, 17, light)) +
    eyes(23, -8, 8, dark, light) +
    nose(18, 12, dark) +
    shape('M-8 44C-6 54 6 54 8 44Z', shade)
  )
}

function rabbit(pen: Pen): string {
  const { body, shade, accent, light, line: dark } = pen.inks
  const head = 'M0 -22C44 -22 68 6 68 40C68 76 38 94 0 94C-38 94 -68 76 -68 40C-68 6 -44 -22 0 -22Z'
  return (
    mirrored(
      move(-24, -8, shape(leafPath(94, 50), shade) + move(0, -12, shape(leafPath(66, 26), accent)), 1, -12),
    ) +
    shape(head, pen.surface(body)) +
    mirrored(circle(-15, 66, 20, light)) +
    eyes(32, 30, 10, dark, light) +
    nose(52, 10, accent) +
    shape('M-9 78H9V86C9 92 -9 92 -9 86Z', light) +
    mirrored(ellipse(-48, 56, 11, 7, accent))
  )
}

function elephant(pen: Pen): string {
  const { body, shade, accent, light, line: dark } = pen.inks
  const trunk =
    'M-26 6C-24 40 -22 62 -8 78C6 96 36 94 42 74C44 62 28 58 24 68C18 74 14 66 16 52C20 34 24 20 26 6Z'
  return (
    mirrored(
      shape('M-30 -64C-66 -92 -100 -62 -98 -18C-96 20 -66 38 -40 20Z', shade) +
        shape('M-46 -50C-68 -64 -86 -46 -84 -18C-82 6 -64 14 -50 4Z', accent),
    ) +
    shape(
      'M0 -80C36 -80 54 -54 52 -20C50 10 30 28 0 28C-30 28 -50 10 -52 -20C-54 -54 -36 -80 0 -80Z',
      pen.surface(body),
    ) +
    shape(trunk, body) +
    line('M-12 40H12M-8 56H8', shade, 6) +
    mirrored(shape('M-36 14C-44 30 -40 46 -26 50C-30 38 -26 28 -22 20Z', light)) +
    eyes(25, -20, 8, dark, light)
  )
}

export const animalFaceMotifs: readonly Motif[] = [
  {
    name: 'fox',
    words: 'fox foxy wolf coyote clever',
    colors: ['#F07B2E', '#C94F1D', '#2F4858'],
    accompanies: 'beside',
    draw: fox,
  },
  {
    name: 'cat',
    words: 'cat kitten kitty feline tiger panther meow pet leopard puma',
    colors: ['#E9A15B', '#F2B8B5', '#D9534F'],
    accompanies: 'beside',
    draw: cat,
  },
  {
    name: 'dog',
    words: 'dog puppy hound canine bulldog labrador terrier',
    colors: ['#C98A53', '#2F7F9E', '#EE7B6C'],
    accompanies: 'beside',
    draw: dog,
  },
  {
    name: 'bear',
    words: 'bear grizzly teddy honeybear koala beaver otter',
    colors: ['#9A6240', '#E0B184', '#E9A23B'],
    accompanies: 'beside',
    draw: bear,
  },
  {
    name: 'panda',
    words: 'panda bamboo badger raccoon',
    colors: ['#2D3142', '#BFC0C0', '#F4A6A6'],
    accompanies: 'beside',
    draw: panda,
  },
  {
    name: 'owl',
    words: 'owl wise wisdom nocturnal tutor',
    colors: ['#6B5CA5', '#B8A9E3', '#F5B84C'],
    accompanies: 'beside',
    draw: owl,
  },
  {
    name: 'lion',
    words: 'lion pride leo safari brave courage roar',
    colors: ['#F2B84B', '#C4622D', '#8C3B1F'],
    accompanies: 'beside',
    draw: lion,
  },
  {
    name: 'rabbit',
    words: 'rabbit bunny hare easter',
    colors: ['#9C89B8', '#C8B6E2', '#F0A6CA'],
    accompanies: 'beside',
    draw: rabbit,
  },
  {
    name: 'elephant',
    words: 'elephant mammoth memory zoo trunk',
    colors: ['#6C8EAD', '#A7BFD4', '#F2A7A0'],
    accompanies: 'beside',
    draw: elephant,
  },
]
