import type { Motif } from '../motif.ts'
import { mix } from '../colour-space.ts'
import type { Pen } from '../pen.ts'
import {
  arcPath,
  around,
  circle,
  dropPath,
  line,
  move,
  polygonPath,
  roundedPath,
  sectorPath,
  shape,
  starPoints,
  type Point,
} from '../shapes.ts'

const CLOUD = 'M-50 58A38 38 0 0 1 -52 -18A54 54 0 0 1 50 -34A46 46 0 0 1 52 58Z'

const FLAME =
  'M6 -98C14 -62 66 -40 66 20C66 64 36 96 0 96C-38 96 -66 66 -66 22C-66 -8 -46 -24 -40 -52C-26 -44 -16 -30 -14 -14C4 -34 12 -66 6 -98Z'

/** A glint with four points. */
export const sparkle = (x: number, y: number, size: number, color: string): string =>
  move(
    x,
    y,
    shape('M0 -1C.1 -.28 .28 -.1 1 0C.28 .1 .1 .28 0 1C-.1 .28 -.28 .1 -1 0C-.28 -.1 -.1 -.28 0 -1Z', color),
    size,
  )

function sun(pen: Pen): string {
  const { body, shade, accent } = pen.inks
  const spike = shape(roundedPath('-12,-58 0,-97 12,-58', 4), accent)
  const ray = pen.random.pick<(index: number) => string>([
    () => spike,
    (i) => line(`M0 -67V${i % 2 === 0 ? -91 : -78}`, accent, 11),
    (i) => move(0, -72, shape(dropPath(i % 2 === 0 ? 38 : 26), accent)),
  ])
  return around(12, ray) + circle(0, 0, 47, pen.surface(body)) + shape(sectorPath(0, 47, 30, 210), shade)
}

function moon(pen: Pen): string {
  const { body, shade, accent } = pen.inks
  return (
    shape('M18 -84A84 84 0 1 0 84 26A68 68 0 0 1 18 -84Z', pen.surface(body)) +
    shape('M18 -84A84 84 0 1 0 84 26A74 74 0 1 1 18 -84Z', shade) +
    sparkle(46, -36, 26, accent) +
    sparkle(80, -76, 14, accent) +
    circle(-26, 26, 11, shade) +
    circle(-46, -10, 6, shade)
  )
}

function star(pen: Pen): string {
  const { body, shade } = pen.inks
  const points = starPoints(5, 98, 45)
  const facets = points.map((point, i): string => {
    const next = points[(i + 1) % points.length] as Point
    return i % 2 === 0 ? shape(polygonPath([[0, 0], point, next]), shade) : ''
  })
  const outline = roundedPath(points, 12)
  return move(0, 6, pen.clip(outline, shape(outline, pen.surface(body)) + facets.join('')))
}

function cloud(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const weather = pen.random.pick(['bright', 'rain', 'calm'])
  const front = move(-6, weather === 'rain' ? -12 : 14, shape(CLOUD, pen.surface(body)))
  const back = {
    bright: circle(34, -34, 44, accent),
    calm: move(34, -22, shape(CLOUD, second), 0.62),
    rain: move(34, -44, shape(CLOUD, shade), 0.55),
  }[weather]
  const drops = [-44, 0, 44].map((x) =>
    move(x - 4, 78 - Math.abs(x) * 0.1, shape(dropPath(34), accent), 1, 14),
  )
  return back + front + (weather === 'rain' ? drops.join('') : '')
}

function flame(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const inner =
    'M2 -34C8 -10 38 2 38 38C38 68 20 88 0 88C-22 88 -38 68 -38 42C-38 22 -24 8 -18 -8C-12 4 -8 8 -6 14C2 2 6 -16 2 -34Z'
  return (
    shape(FLAME, pen.surface(body)) +
    pen.clip(FLAME, shape('M20 -98C36 -50 96 -40 40 40C22 70 30 96 0 100H100V-100Z', shade)) +
    shape(inner, accent === body ? second : accent) +
    shape('M0 24C4 38 20 46 20 64C20 78 12 88 0 88C-12 88 -20 78 -20 66C-20 50 -4 42 0 24Z', light)
  )
}

function drop(pen: Pen): string {
  const { body, shade, light } = pen.inks
  const outline = dropPath(188)
  return move(
    0,
    28,
    shape(outline, pen.surface(body)) +
      pen.clip(outline, shape('M0 -130C70 -40 60 60 -40 64C20 90 100 60 100 0V-130Z', shade)) +
      line(arcPath(44, 200, 262), light, 11),
  )
}

function bolt(pen: Pen): string {
  const { body, shade } = pen.inks
  const outline = roundedPath('26,-98 -62,16 -10,16 -28,98 62,-22 8,-22', 9)
  return (
    shape(outline, pen.surface(body)) +
    pen.clip(outline, shape(polygonPath('26,-98 -28,16 20,-2 -28,98 100,20 100,-98'), shade))
  )
}

function snowflake(pen: Pen): string {
  const { body, accent } = pen.inks
  const arm =
    line('M0 -14V-88', body, 12) +
    line('M-22 -78L0 -58L22 -78', body, 11) +
    line('M-18 -48L0 -32L18 -48', accent, 10)
  return around(6, () => arm) + circle(0, 0, 13, accent)
}

function rainbow(pen: Pen): string {
  const { body, second, accent, light } = pen.inks
  const arcs = [
    [84, body],
    [64, accent],
    [44, second],
  ] as const
  const puff = (x: number) => move(x, 36, shape(CLOUD, mix(second, light, 0.72)), 0.48)
  return (
    move(0, 30, arcs.map(([radius, color]) => line(arcPath(radius, -90, 90), color, 21)).join('')) +
    puff(-64) +
    puff(64)
  )
}

export const skyMotifs: readonly Motif[] = [
  {
    name: 'sun',
    words: 'sun sunny sunrise sunset sunshine solar dawn summer daylight',
    colors: ['#F59E0B', '#EF6C3B', '#FBBF24'],
    accompanies: 'behind',
    draw: sun,
  },
  {
    name: 'moon',
    words: 'moon lunar crescent night sleep dream midnight bedtime',
    colors: ['#5B63D3', '#8B7FE8', '#FCD34D'],
    accompanies: 'behind',
    draw: moon,
  },
  {
    name: 'star',
    words: 'star stellar rating favorite favourite award celebrity',
    colors: ['#F5A524', '#E0563F', '#FCD34D'],
    accompanies: 'above',
    draw: star,
  },
  {
    name: 'cloud',
    words: 'cloud weather saas hosting rain sky',
    colors: ['#3B82F6', '#7CC4F5', '#FBBF24'],
    accompanies: 'behind',
    draw: cloud,
  },
  {
    name: 'flame',
    words: 'flame fire burn ember torch grill bbq hot spicy phoenix dragon',
    colors: ['#F0552B', '#D93A2B', '#FDBA3B'],
    accompanies: 'above',
    draw: flame,
  },
  {
    name: 'drop',
    words: 'drop droplet water aqua liquid oil dew spring plumbing plumber hydration',
    colors: ['#1E88E5', '#26B5C9', '#7DD3FC'],
    accompanies: 'beside',
    draw: drop,
  },
  {
    name: 'bolt',
    words: 'bolt lightning thunder energy electric electricity power volt fast speed flash charge charging',
    colors: ['#F7B500', '#5B4BDB', '#22C5DD'],
    accompanies: 'beside',
    draw: bolt,
  },
  {
    name: 'snowflake',
    words: 'snowflake snow ice frost frozen winter cold arctic freeze',
    colors: ['#2F80ED', '#67B7F7', '#38C6D9'],
    accompanies: 'beside',
    draw: snowflake,
  },
  {
    name: 'rainbow',
    words: 'rainbow kids kid child children nursery kindergarten pride',
    colors: ['#EF5A6F', '#3FA7D6', '#FBB13C'],
    accompanies: 'behind',
    draw: rainbow,
  },
]
