import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import { circle, ellipse, box, shape, line, move, polygonPath, roundedPath } from '../shapes.ts'

/** A peak standing on y = 74 with a snow cap; `half` is half its width at the foot. */
function peak(pen: Pen, x: number, height: number, half: number, front: boolean): string {
  const { body, shade, second, light } = pen.inks
  const top = 74 - height
  const outline = roundedPath(
    [
      [x - half, 74],
      [x, top],
      [x + half, 74],
    ],
    7,
  )
  const at = (share: number, side: number) => x + side * half * share
  const snow = polygonPath([
    [x, top - 10],
    [at(0.36, -1), top + height * 0.36],
    [at(0.16, -1), top + height * 0.28],
    [at(0.02, -1), top + height * 0.4],
    [at(0.14, 1), top + height * 0.27],
    [at(0.36, 1), top + height * 0.36],
  ])
  const side = polygonPath([
    [x, top - 10],
    [at(0.1, 1), top + height * 0.42],
    [at(0.06, -1), top + height * 0.66],
    [at(0.2, 1), 80],
    [at(1, 1) + 10, 80],
  ])
  return front
    ? shape(outline, pen.surface(body)) + pen.clip(outline, shape(side, shade) + shape(snow, light))
    : shape(outline, second)
}

function mountain(pen: Pen): string {
  const { accent } = pen.inks
  const disc = pen.random.chance(0.6) ? circle(-44, -44, 27, accent) : circle(62, -58, 22, accent)
  return disc + peak(pen, -46, 92, 50, false) + peak(pen, 20, 156, 78, true)
}

const SWELL = 'M-98 10C-74 -16 -50 -16 -26 6C-2 28 22 28 46 6C62 -8 80 -12 98 -2'

function wave(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const crest =
    'M-96 92C-98 14 -62 -70 14 -78C62 -82 92 -46 86 -6C82 14 64 22 52 12C60 -16 40 -34 16 -30C-14 -24 -18 14 4 36C24 56 60 62 96 58C94 80 86 92 70 92Z'
  const hollow =
    'M-78 92C-66 20 -42 -46 16 -56C52 -60 72 -34 70 -6C64 -34 40 -50 10 -42C-30 -32 -38 24 -6 60C8 76 30 88 56 92Z'
  const splash = circle(92, -50, 6, accent) + circle(78, -74, 10, accent) + circle(50, -92, 6, accent)
  return (
    shape(crest, pen.surface(body)) +
    pen.clip(
      crest,
      shape(hollow, shade) +
        line('M-62 96C-54 40 -30 -22 18 -32', light, 7) +
        move(0, 66, shape(`${SWELL}V60H-98Z`, second)),
    ) +
    splash
  )
}

function tree(pen: Pen): string {
  const { body, shade, second, line: dark } = pen.inks
  const crown =
    'M0 -96C34 -96 58 -74 60 -48C82 -40 92 -18 84 4C78 28 54 40 30 36C14 46 -14 46 -30 36C-54 40 -78 28 -84 4C-92 -18 -82 -40 -60 -48C-58 -74 -34 -96 0 -96Z'
  return (
    shape('M-11 96C-7 72 -8 40 -6 0H6C8 40 7 72 11 96Z', dark) +
    shape(crown, pen.surface(body)) +
    pen.clip(crown, shape('M18 -100C50 -60 40 -10 -10 16C-30 28 -56 32 -70 28L-60 60H100V-100Z', shade)) +
    line('M0 92V-18', dark, 13) +
    line('M0 24L-30 -6', dark, 10) +
    line('M0 4L26 -26', dark, 10) +
    line('M-44 94H44', second, 10)
  )
}

/** A fir standing on y = 84. */
function fir(pen: Pen, x: number, scale: number, front: boolean): string {
  const { body, shade, second, line: dark } = pen.inks
  const tiers = [
    [
      [0, -96],
      [34, -42],
      [-34, -42],
    ],
    [
      [0, -66],
      [48, 6],
      [-48, 6],
    ],
    [
      [0, -26],
      [62, 58],
      [-62, 58],
    ],
  ] as const
  const color = front ? pen.surface(body) : second
  const drawn = [...tiers].toReversed().map((tier) => {
    const outline = roundedPath(tier, 8)
    return shape(outline, color) + (front ? pen.clip(outline, box(0, -100, 100, 200, shade)) : '')
  })
  return move(x, 84 - 84 * scale, box(-8, 50, 16, 36, dark, 3) + drawn.join(''), scale)
}

function forest(pen: Pen): string {
  const { accent } = pen.inks
  const ground = line('M-86 88H86', accent, 9)
  return pen.random.chance(0.35)
    ? fir(pen, 0, 1, true) + ground
    : fir(pen, -54, 0.68, false) + fir(pen, 56, 0.6, false) + fir(pen, 2, 1, true) + ground
}

function palm(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const fronds = [
    'M6 -34C-20 -66 -62 -62 -84 -24C-56 -44 -26 -44 6 -34Z',
    'M6 -34C-36 -42 -62 -18 -66 18C-46 -10 -22 -24 6 -34Z',
    'M6 -34C-10 -74 -38 -88 -66 -80C-36 -74 -14 -60 6 -34Z',
    'M6 -34C28 -68 66 -68 90 -32C62 -50 32 -48 6 -34Z',
    'M6 -34C44 -46 70 -20 72 16C54 -12 30 -26 6 -34Z',
    'M6 -34C14 -76 44 -92 72 -84C42 -76 22 -60 6 -34Z',
  ]
  return (
    circle(6, -22, 62, accent) +
    line('M4 -34C-6 6 -4 40 -16 78', pen.inks.line, 12) +
    fronds.map((frond, i) => shape(frond, i % 2 === 0 ? body : shade)).join('') +
    shape('M-88 92C-70 66 -34 62 0 66C34 62 66 70 88 92Z', second)
  )
}

function cactus(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const arms =
    line('M-58 -18V2C-58 24 -40 26 -12 26', body, 25) + line('M58 -42V-18C58 6 40 8 12 8', body, 25)
  const rib = (x: number) => line(`M${x} -48V40`, shade, 5)
  return (
    arms +
    box(-24, -92, 48, 160, pen.surface(body), 24) +
    rib(-8) +
    rib(8) +
    shape(roundedPath('-46,56 46,56 36,96 -36,96', 8), second) +
    box(-52, 48, 104, 18, pen.inks.line, 6) +
    circle(0, -92, 11, accent) +
    circle(58, -58, 9, accent)
  )
}

function sailboat(pen: Pen): string {
  const { body, second, accent, light } = pen.inks
  const sail = roundedPath('6,-92 74,30 6,30', 6)
  return (
    shape(sail, pen.surface(body)) +
    shape(roundedPath('-8,-66 -8,30 -58,30', 6), accent) +
    shape(roundedPath('-84,42 84,42 54,78 -54,78', 12), second) +
    line('M-92 92C-74 82 -58 82 -40 92C-22 102 -2 102 16 92C34 82 52 82 70 92', body, 9) +
    ellipse(0, 52, 5, 5, light)
  )
}

function volcano(pen: Pen): string {
  const { body, shade, accent, second } = pen.inks
  const cone = roundedPath('-92,80 -28,-34 28,-34 92,80', 7)
  const lava = 'M-30 -36H30L38 4C30 12 24 -4 16 2C10 8 12 40 2 40C-8 40 -4 4 -12 0C-20 -4 -22 18 -34 10Z'
  const puffs = circle(-6, -62, 17, second) + circle(18, -78, 21, second) + circle(-16, -86, 14, second)
  return (
    puffs +
    shape(cone, pen.surface(body)) +
    pen.clip(cone, shape('M10 -40L30 90H100V-40Z', shade) + shape(lava, accent))
  )
}

export const landMotifs: readonly Motif[] = [
  {
    name: 'mountain',
    words:
      'mountain peak summit alpine alps hill hiking hike climb climbing everest outdoor adventure ski trail ridge',
    colors: ['#3E6FA8', '#6FA3C7', '#F2A541'],
    accompanies: 'below',
    draw: mountain,
  },
  {
    name: 'wave',
    words: 'wave ocean sea surf surfing tide marine swim pool lake river coast nautical',
    colors: ['#0E6BA8', '#2FB3C7', '#F9C74F'],
    accompanies: 'below',
    draw: wave,
  },
  {
    name: 'tree',
    words: 'tree oak root wood arbor family orchard park wooden maple',
    colors: ['#3F8F4F', '#A3B56B', '#E9B949'],
    accompanies: 'beside',
    draw: tree,
  },
  {
    name: 'forest',
    words: 'forest pine fir woodland evergreen spruce christmas cabin nordic wilderness',
    colors: ['#2D7A55', '#63A375', '#D9A441'],
    accompanies: 'below',
    draw: forest,
  },
  {
    name: 'palm',
    words: 'palm tropical island beach vacation holiday resort hawaii paradise jungle',
    colors: ['#1E9E7A', '#E9C46A', '#F4845F'],
    accompanies: 'beside',
    draw: palm,
  },
  {
    name: 'cactus',
    words: 'cactus desert succulent mexican agave tequila western',
    colors: ['#3C9D6B', '#D9734E', '#F08CA6'],
    accompanies: 'beside',
    draw: cactus,
  },
  {
    name: 'sailboat',
    words: 'sailboat sail sailing boat ship yacht regatta harbor harbour voyage cruise',
    colors: ['#1F5FA8', '#23415F', '#EF6F53'],
    accompanies: 'beside',
    draw: sailboat,
  },
  {
    name: 'volcano',
    words: 'volcano lava eruption magma geology',
    colors: ['#5A4A5C', '#B9A7B0', '#F0562E'],
    accompanies: 'below',
    draw: volcano,
  },
]
