import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import {
  polar,
  circle,
  ellipse,
  box,
  shape,
  line,
  move,
  mirrored,
  around,
  roundedPath,
  regular,
} from '../shapes.ts'

function note(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  return (
    shape(roundedPath('-46,-74 74,-94 74,-58 -46,-38', 7), accent) +
    box(-54, -70, 17, 126, body, 6) +
    box(57, -88, 17, 126, shade, 6) +
    ellipse(-62, 62, 31, 24, pen.surface(body), -18) +
    ellipse(49, 44, 31, 24, second, -18)
  )
}

function headphones(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  return (
    line('M-72 22V-6C-72 -96 72 -96 72 -6V22', body, 18) +
    mirrored(box(-98, 8, 38, 76, second, 17) + box(-74, 0, 30, 92, pen.surface(body), 13)) +
    [-24, 0, 24]
      .map((x, i) => line(`M${x} ${[22, 6, 22][i]}V${[58, 74, 58][i]}`, [accent, shade, accent][i]!, 11))
      .join('')
  )
}

function microphone(pen: Pen): string {
  const { body, shade, second, light } = pen.inks
  const head =
    'M0 -96C24 -96 38 -80 38 -58V-8C38 14 24 30 0 30C-24 30 -38 14 -38 -8V-58C-38 -80 -24 -96 0 -96Z'
  return (
    line('M-64 -16V-6C-64 74 64 74 64 -6V-16', second, 13) +
    line('M0 56V86M-34 90H34', second, 13) +
    shape(head, pen.surface(body)) +
    pen.clip(head, box(8, -100, 60, 140, shade)) +
    line('M-18 -56H4M-18 -34H4M-18 -12H4', light, 8)
  )
}

function gamepad(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const outline =
    'M-50 -48H50C84 -48 100 4 98 46C96 76 66 78 50 54L38 38H-38L-50 54C-66 78 -96 76 -98 46C-100 4 -84 -48 -50 -48Z'
  return (
    line('M0 -48C0 -70 14 -70 20 -82', second, 9) +
    shape(outline, pen.surface(body)) +
    pen.clip(outline, shape('M-100 20C-40 44 40 44 100 20V100H-100Z', shade)) +
    line('M-46 -18V18M-64 0H-28', light, 14) +
    [0, 1, 2, 3]
      .map((i) =>
        circle(
          ...([46 + polar(19, i * 90)[0], polar(19, i * 90)[1], 9] as const),
          i % 2 === 0 ? accent : second,
        ),
      )
      .join('')
  )
}

function dumbbell(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  return move(
    0,
    0,
    box(-44, -10, 88, 20, second, 4) +
      mirrored(
        box(-66, -54, 28, 108, pen.surface(body), 10) +
          box(-86, -36, 20, 72, shade, 8) +
          box(-99, -12, 14, 24, accent, 5),
      ),
    1,
    -28,
  )
}

function ball(pen: Pen): string {
  const { body, light, line: dark } = pen.inks
  const sphere = 'M-84 0A84 84 0 0 1 84 0A84 84 0 0 1 -84 0Z'
  const patch = roundedPath('0,-57 31,-76 24,-106 -24,-106 -31,-76', 4)
  return (
    circle(0, 0, 92, dark) +
    circle(0, 0, 84, light) +
    pen.clip(
      sphere,
      shape(roundedPath(regular(5, 33), 4), body) +
        around(5, () => line('M0 -30V-60', dark, 7) + shape(patch, body)),
    )
  )
}

export const leisureMotifs: readonly Motif[] = [
  {
    name: 'note',
    words:
      'note music musical song melody band concert jazz piano guitar orchestra tune dj violin rock festival',
    colors: ['#7A4FD0', '#E1568F', '#F4A73B'],
    accompanies: 'beside',
    draw: note,
  },
  {
    name: 'headphones',
    words: 'headphone audio sound listen listening beat playlist headset',
    colors: ['#3B4A6B', '#F0675C', '#3CC2B4'],
    accompanies: 'beside',
    draw: headphones,
  },
  {
    name: 'microphone',
    words: 'microphone mic karaoke singer sing interview recording comedy',
    colors: ['#5C5FC7', '#3A3F5C', '#F4A73B'],
    accompanies: 'beside',
    draw: microphone,
  },
  {
    name: 'gamepad',
    words: 'game gamepad gaming gamer controller console arcade play esport joystick pixel',
    colors: ['#5B4BDB', '#FF6B8B', '#2ED3C6'],
    accompanies: 'beside',
    draw: gamepad,
  },
  {
    name: 'dumbbell',
    words:
      'dumbbell gym fitness workout training muscle strength strong crossfit weight trainer athletic bodybuilding',
    colors: ['#E4473D', '#9AA5B1', '#F6AE2D'],
    accompanies: 'beside',
    draw: dumbbell,
  },
  {
    name: 'ball',
    words: 'ball soccer football sport team basketball volleyball athlete tennis golf',
    colors: ['#2A3446', '#8D99AE', '#E4473D'],
    accompanies: 'beside',
    draw: ball,
  },
]
