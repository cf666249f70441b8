import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import {
  circle,
  ellipse,
  box,
  shape,
  line,
  ring,
  move,
  mirrored,
  around,
  polygonPath,
  roundedPath,
} from '../shapes.ts'

function bicycle(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const wheel = (x: number) =>
    ring(x, 32, 38, second, 11) +
    move(
      x,
      32,
      around(3, () => line('M0 -30V30', shade, 3)),
    ) +
    circle(x, 32, 8, shade)
  return (
    wheel(-56) +
    wheel(56) +
    line('M-56 32L-24 -32H34L-2 32H-56M-2 32L-28 -44M34 -32L56 32', body, 11) +
    line('M28 -52H50C58 -52 58 -40 52 -40M32 -34L28 -52', accent, 10) +
    line('M-42 -46H-14', accent, 12) +
    circle(-2, 32, 11, accent)
  )
}

function compass(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const needle =
    shape(polygonPath('0,-58 17,0 -17,0'), accent) + shape(polygonPath('0,58 17,0 -17,0'), second)
  return (
    circle(0, 0, 92, pen.surface(body)) +
    circle(0, 0, 70, light) +
    around(4, () => line('M0 -61V-56', shade, 8)) +
    move(0, 0, needle, 1, 34) +
    circle(0, 0, 9, shade)
  )
}

function anchor(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  return (
    ring(0, -70, 17, accent, 12) +
    line('M0 -50V78', body, 16) +
    line('M-34 -26H34', second, 14) +
    line('M-70 22C-66 60 -40 80 0 84C40 80 66 60 70 22', shade, 16) +
    mirrored(shape(roundedPath('-76,-4 -48,34 -96,38', 5), shade))
  )
}

function balloon(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const envelope =
    'M0 -96C46 -96 76 -64 76 -24C76 10 44 34 26 50H-26C-44 34 -76 10 -76 -24C-76 -64 -46 -96 0 -96Z'
  return (
    shape(envelope, pen.surface(body)) +
    pen.clip(envelope, ellipse(0, -24, 46, 100, shade) + ellipse(0, -24, 17, 100, accent)) +
    line('M-22 50L-14 72M22 50L14 72', second, 5) +
    box(-21, 70, 42, 28, second, 7)
  )
}

function plane(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  return (
    line('M-94 84C-60 76 -44 60 -30 42', accent, 8) +
    shape(polygonPath('98,-90 -98,-14 -34,14'), pen.surface(body)) +
    shape(polygonPath('98,-90 -34,14 -28,72'), shade) +
    shape(polygonPath('98,-90 -28,72 2,30'), second) +
    shape(polygonPath('98,-90 2,30 56,56'), body)
  )
}

function car(pen: Pen): string {
  const { body, shade, second, accent, light, line: dark } = pen.inks
  const hull =
    'M-94 30C-96 4 -82 -6 -62 -10L-40 -42C-34 -50 -26 -54 -16 -54H26C36 -54 44 -50 50 -42L70 -10C90 -6 98 8 96 30C96 38 92 42 84 42H-84C-90 42 -94 38 -94 30Z'
  return (
    shape(hull, pen.surface(body)) +
    pen.clip(hull, box(-100, 20, 200, 30, shade)) +
    shape(roundedPath('-42,-12 -24,-40 0,-40 0,-12', 5), light) +
    shape(roundedPath('10,-12 10,-40 32,-40 50,-12', 5), light) +
    circle(80, 10, 8, accent) +
    [-50, 52].map((x) => circle(x, 42, 25, dark) + circle(x, 42, 11, second)).join('')
  )
}

export const travelMotifs: readonly Motif[] = [
  {
    name: 'bicycle',
    words: 'bicycle bike cycling cycle cyclist wheel ride rider pedal scooter motorcycle',
    colors: ['#E4573D', '#2F4858', '#F6AE2D'],
    accompanies: 'below',
    draw: bicycle,
  },
  {
    name: 'compass',
    words:
      'compass navigation navigator direction explorer discover discovery journey tour tourism guide north wander coaching',
    colors: ['#2C6E8F', '#7FA7BD', '#E4573D'],
    accompanies: 'behind',
    draw: compass,
  },
  {
    name: 'anchor',
    words: 'anchor sailor navy port captain pirate maritime dock marina',
    colors: ['#1F4E79', '#4F86B5', '#D9A441'],
    accompanies: 'beside',
    draw: anchor,
  },
  {
    name: 'balloon',
    words: 'balloon party event celebration festive airship carnival circus fun joy',
    colors: ['#E8505B', '#8C5A3C', '#F9C74F'],
    accompanies: 'above',
    draw: balloon,
  },
  {
    name: 'plane',
    words:
      'plane airplane flight aviation airline aircraft jet trip send pilot telegram paper-plane agency tourist',
    colors: ['#2E8FE0', '#9CCBF2', '#F6AE2D'],
    accompanies: 'above',
    draw: plane,
  },
  {
    name: 'car',
    words:
      'car auto automotive vehicle taxi drive driver racing race truck transport motor dealership road bus',
    colors: ['#E0433C', '#C4CCD6', '#F8C33C'],
    accompanies: 'below',
    draw: car,
  },
]
