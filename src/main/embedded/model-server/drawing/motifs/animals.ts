import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import {
  around,
  box,
  circle,
  ellipse,
  line,
  mirrored,
  move,
  polygonPath,
  regular,
  roundedPath,
  shape,
} from '../shapes.ts'

function bird(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const figure =
    'M70 -46C78 20 40 78 -26 78C-56 78 -80 68 -96 50C-74 52 -58 46 -48 36C-70 10 -62 -30 -54 -56C-40 -30 -16 -18 8 -18C8 -56 22 -84 46 -84C60 -84 68 -66 70 -46Z'
  return (
    shape(roundedPath('62,-62 98,-46 64,-38', 4), accent) +
    shape(figure, pen.surface(body)) +
    pen.clip(figure, shape('M100 -60C78 20 30 60 -60 62L-100 100H100Z', second)) +
    shape(
      'M-54 -56C-62 -30 -70 10 -48 36C-16 46 20 28 26 -6C24 -18 16 -18 8 -18C-16 -18 -40 -30 -54 -56Z',
      shade,
    ) +
    circle(46, -54, 8, dark) +
    circle(48.5, -57, 2.6, light)
  )
}

function fish(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const figure = 'M-44 0C-22 -54 46 -66 96 0C46 66 -22 54 -44 0Z'
  const scale = (x: number, y: number) =>
    line(`M${x} ${y - 14}C${x - 15} ${y - 9} ${x - 15} ${y + 9} ${x} ${y + 14}`, shade, 6)
  return (
    shape(roundedPath('-28,0 -96,-52 -80,0 -96,52', 9), second) +
    shape('M-8 -36C6 -66 34 -70 56 -62C48 -52 46 -46 46 -38Z', second) +
    shape('M4 36C8 56 22 66 40 66C38 56 40 48 44 40Z', second) +
    shape(figure, pen.surface(body)) +
    pen.clip(
      figure,
      shape('M52 -70C34 -30 34 30 52 70H110V-70Z', accent) +
        scale(20, -16) +
        scale(20, 16) +
        scale(0, 0) +
        scale(-12, -26) +
        scale(-12, 26),
    ) +
    circle(64, -10, 11, light) +
    circle(66, -10, 6, dark)
  )
}

function whale(pen: Pen): string {
  const { body, second, accent, light, line: dark } = pen.inks
  const figure =
    'M-92 6C-92 -40 -52 -58 -12 -52C24 -46 34 -14 56 -14C70 -14 76 -26 76 -40C60 -42 52 -54 52 -72C68 -74 80 -66 84 -54C88 -66 96 -72 100 -70C102 -52 96 -42 88 -38C98 28 60 70 -4 70C-56 70 -92 48 -92 6Z'
  return (
    line('M-36 -62C-36 -80 -48 -90 -62 -88M-36 -62C-36 -80 -24 -90 -10 -88', accent, 9) +
    shape(figure, pen.surface(body)) +
    pen.clip(
      figure,
      shape('M-100 24C-60 40 -10 40 30 20C20 56 0 80 -20 90H-100Z', light) +
        line('M-80 44H-10M-70 58H-20', second, 5),
    ) +
    circle(-56, 2, 8, dark) +
    shape('M-6 26C4 50 -8 70 -26 76C-30 58 -24 40 -6 26Z', second)
  )
}

function butterfly(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const upper = 'M-6 -10C-14 -60 -54 -92 -88 -82C-104 -50 -86 2 -40 10C-24 12 -10 6 -6 -10Z'
  const lower = 'M-6 6C-30 8 -64 20 -66 52C-64 84 -32 90 -18 66C-10 50 -6 28 -6 6Z'
  return (
    mirrored(
      shape(lower, second) +
        shape(upper, pen.surface(body)) +
        pen.clip(upper, shape('M-100 -90H-70C-84 -50 -70 -10 -30 14H-100Z', shade)) +
        circle(-48, -38, 13, accent) +
        circle(-38, 52, 10, light) +
        line('M-3 -52C-6 -72 -16 -82 -26 -84', dark, 5),
    ) + box(-8, -54, 16, 116, dark, 8)
  )
}

function bee(pen: Pen): string {
  const { body, second, accent, light, line: dark } = pen.inks
  const figure = 'M0 -44C36 -44 54 -12 50 26C46 62 20 84 0 98C-20 84 -46 62 -50 26C-54 -12 -36 -44 0 -44Z'
  const wing = light === pen.inks.ground ? second : light
  return (
    mirrored(ellipse(-60, -14, 40, 22, wing, 28) + ellipse(-56, 24, 27, 15, accent, -14)) +
    circle(0, -52, 25, dark) +
    mirrored(line('M-10 -70C-14 -84 -24 -90 -32 -88', dark, 6)) +
    shape(figure, pen.surface(body)) +
    pen.clip(
      figure,
      box(-60, -16, 120, 21, dark) + box(-60, 24, 120, 21, dark) + box(-60, 64, 120, 40, dark),
    ) +
    mirrored(circle(-9, -56, 5, light))
  )
}

function paw(pen: Pen): string {
  const { body, shade, accent } = pen.inks
  const pad =
    'M0 -8C34 -8 62 28 62 56C62 80 42 88 24 82C8 76 -8 76 -24 82C-42 88 -62 80 -62 56C-62 28 -34 -8 0 -8Z'
  return (
    mirrored(
      ellipse(-28, -58, 21, 29, pen.surface(body), -6) + ellipse(-74, -16, 19, 26, pen.surface(body), -22),
    ) +
    shape(pad, pen.surface(body)) +
    pen.clip(pad, shape('M30 -10C60 30 30 80 -10 90H80V-10Z', shade)) +
    move(
      0,
      42,
      shape(
        'M0 22C-8 16 -26 6 -26 -8C-26 -17 -20 -22 -13 -22C-7 -22 -2 -19 0 -14C2 -19 7 -22 13 -22C20 -22 26 -17 26 -8C26 6 8 16 0 22Z',
        accent,
      ),
    )
  )
}

function turtle(pen: Pen): string {
  const { body, shade, second, accent, line: dark, light } = pen.inks
  const shell = circle(0, 4, 62, pen.surface(body))
  const plates = around(6, () => shape(polygonPath('0,-26 22.5,-13 40,-46 0,-62'), shade), 0)
  return (
    ellipse(0, -76, 22, 24, second) +
    mirrored(
      circle(-9, -82, 4.5, dark) +
        ellipse(-62, -36, 18, 29, second, -52) +
        ellipse(-54, 56, 15, 24, second, 44),
    ) +
    shape(roundedPath('-9,60 9,60 0,94', 4), second) +
    shell +
    move(0, 4, plates) +
    move(0, 4, shape(roundedPath(regular(6, 26), 3), accent)) +
    line('M-40 -32C-28 -46 -12 -52 0 -52', light, 5)
  )
}

function penguin(pen: Pen): string {
  const { body, shade, accent, light, line: dark, second } = pen.inks
  const figure =
    'M0 -94C40 -94 56 -62 58 -24C60 14 66 30 66 54C66 80 40 90 0 90C-40 90 -66 80 -66 54C-66 30 -60 14 -58 -24C-56 -62 -40 -94 0 -94Z'
  return (
    mirrored(
      shape('M-54 -20C-86 4 -96 38 -86 56C-74 50 -62 34 -56 14Z', shade) + ellipse(-30, 90, 24, 9, accent),
    ) +
    shape(figure, pen.surface(body)) +
    pen.clip(figure, ellipse(0, 38, 46, 56, light) + mirrored(circle(-20, -42, 29, light))) +
    mirrored(circle(-20, -44, 8, dark)) +
    shape(roundedPath('-14,-30 14,-30 0,-8', 5), accent) +
    shape('M-50 4C-30 16 30 16 50 4V20C30 32 -30 32 -50 20Z', second)
  )
}

function octopus(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const arm = (d: string, color: string) => line(d, color, 21)
  return (
    mirrored(
      arm('M-40 28C-46 56 -64 62 -84 52', shade) +
        arm('M-28 34C-30 66 -40 84 -62 86', body) +
        arm('M-9 34C-9 64 -12 78 -22 88', shade),
    ) +
    shape(
      'M0 -92C48 -92 68 -58 66 -22C64 8 58 22 52 38C30 50 -30 50 -52 38C-58 22 -64 8 -66 -22C-68 -58 -48 -92 0 -92Z',
      pen.surface(body),
    ) +
    mirrored(circle(-25, -8, 16, light) + circle(-22, -8, 9, dark) + ellipse(-42, 14, 9, 6, accent)) +
    line('M-10 14C-6 22 6 22 10 14', dark, 5) +
    circle(30, -64, 8, second) +
    circle(12, -74, 5, second)
  )
}

export const animalMotifs: readonly Motif[] = [
  {
    name: 'bird',
    words:
      'bird sparrow robin eagle falcon hawk dove swallow hummingbird parrot feather wing fly nest swan raven finch duck goose flamingo toucan peacock rooster chicken hen',
    colors: ['#2A8FBD', '#F28E5C', '#F2B632'],
    accompanies: 'above',
    draw: bird,
  },
  {
    name: 'fish',
    words: 'fish fishing salmon seafood sushi tuna koi aquarium shark trout goldfish',
    colors: ['#F2803A', '#E4573D', '#FFC15E'],
    accompanies: 'beside',
    draw: fish,
  },
  {
    name: 'whale',
    words: 'whale dolphin orca docker',
    colors: ['#2F6FB2', '#7FB4DE', '#39B5D6'],
    accompanies: 'beside',
    draw: whale,
  },
  {
    name: 'butterfly',
    words: 'butterfly moth transformation metamorphosis monarch dragonfly',
    colors: ['#7B5CD6', '#E66FA4', '#F9C74F'],
    accompanies: 'beside',
    draw: butterfly,
  },
  {
    name: 'bee',
    words: 'bee honey hive beehive honeycomb bumblebee wasp apiary pollen busy',
    colors: ['#F6B21B', '#F4D58D', '#8FD3F4'],
    accompanies: 'beside',
    draw: bee,
  },
  {
    name: 'paw',
    words: 'paw vet veterinary veterinarian animal grooming shelter claw pup',
    colors: ['#4F86C6', '#89B4E0', '#F29F80'],
    accompanies: 'beside',
    draw: paw,
  },
  {
    name: 'turtle',
    words: 'turtle tortoise slow reef shell',
    colors: ['#2F8F6B', '#8CC084', '#E9C46A'],
    accompanies: 'beside',
    draw: turtle,
  },
  {
    name: 'penguin',
    words: 'penguin linux puffin antarctic',
    colors: ['#2B3A55', '#5AA9C9', '#F2A03D'],
    accompanies: 'beside',
    draw: penguin,
  },
  {
    name: 'octopus',
    words: 'octopus squid kraken tentacle jellyfish monster alien',
    colors: ['#E8617D', '#F29BA8', '#F6B042'],
    accompanies: 'beside',
    draw: octopus,
  },
]
