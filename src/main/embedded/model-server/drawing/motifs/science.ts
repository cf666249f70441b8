import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import { polar, circle, box, shape, line, ring, move, roundedPath } from '../shapes.ts'

function atom(pen: Pen): string {
  const { body, second, accent, shade } = pen.inks
  const orbit = (angle: number, color: string) =>
    `<ellipse rx="94" ry="36" fill="none" stroke="${color}" stroke-width="11" transform="rotate(${angle})"/>`
  const electron = ([x, y]: readonly [number, number], color: string) => circle(x, y, 13, color)
  return (
    orbit(0, second) +
    orbit(60, body) +
    orbit(120, shade) +
    circle(0, 0, 22, accent) +
    electron(polar(94, 90), body) +
    electron(polar(94, 330), accent) +
    electron(polar(94, 210), second)
  )
}

function helix(pen: Pen): string {
  const { body, second, accent } = pen.inks
  const strand = (sign: number) =>
    `M${-44 * sign} -92C${-44 * sign} -46 ${44 * sign} -46 ${44 * sign} 0C${44 * sign} 46 ${-44 * sign} 46 ${-44 * sign} 92`
  const rungs = [-78, -62, -24, 0, 24, 62, 78].map((y) => {
    const reach = Math.abs(44 * Math.cos(((y + 92) / 92) * Math.PI)) - 4
    return reach < 8 ? '' : line(`M${-reach} ${y}H${reach}`, accent, 8)
  })
  return move(0, 0, rungs.join('') + line(strand(1), body, 17) + line(strand(-1), second, 17), 1, 24)
}

function bulb(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const glass =
    'M0 -92C40 -92 68 -64 68 -26C68 4 50 18 40 36C36 44 36 48 34 54H-34C-36 48 -36 44 -40 36C-50 18 -68 4 -68 -26C-68 -64 -40 -92 0 -92Z'
  return (
    shape(glass, pen.surface(body)) +
    pen.clip(glass, shape('M26 -96C70 -40 50 10 20 60H100V-96Z', shade)) +
    line('M-24 -22L-8 0L0 -18L8 0L24 -22M-8 0V50M8 0V50', light, 7) +
    box(-34, 58, 68, 15, second, 7) +
    box(-28, 77, 56, 13, second, 6) +
    shape('M-14 92H14C12 100 -12 100 -14 92Z', accent)
  )
}

function planet(pen: Pen): string {
  const { body, shade, second, accent } = pen.inks
  const sphere = 'M-58 0A58 58 0 0 1 58 0A58 58 0 0 1 -58 0Z'
  const belt = (half: string) =>
    `<path d="M-96 0A96 26 0 0 ${half} 96 0" fill="none" stroke="${accent}" stroke-width="13" stroke-linecap="round"/>`
  return move(
    0,
    0,
    belt('1') +
      shape(sphere, pen.surface(body)) +
      pen.clip(
        sphere,
        box(-60, -30, 120, 15, second) + box(-60, -4, 120, 26, shade) + box(-60, 34, 120, 9, second),
      ) +
      belt('0'),
    1,
    -22,
  )
}

function globe(pen: Pen): string {
  const { body, second, light } = pen.inks
  const meridian = (rx: number) =>
    `<ellipse rx="${rx}" ry="88" fill="none" stroke="${light}" stroke-width="8"/>`
  const sphere = 'M-88 0A88 88 0 0 1 88 0A88 88 0 0 1 -88 0Z'
  return (
    circle(0, 0, 88, pen.surface(body)) +
    pen.clip(
      sphere,
      shape('M-98 -20C-60 -60 -40 -10 -10 -30C10 -44 30 -90 20 -100H-98Z', second) +
        shape('M98 6C60 -10 20 6 24 34C28 60 60 60 60 98H98Z', second) +
        meridian(42) +
        line('M0 -88V88M-88 0H88M-78 -44H78M-78 44H78', light, 8),
    )
  )
}

function target(pen: Pen): string {
  const { body, second, accent, light, line: dark } = pen.inks
  return (
    circle(-6, 6, 86, pen.surface(body)) +
    circle(-6, 6, 64, light) +
    circle(-6, 6, 43, second) +
    circle(-6, 6, 20, light) +
    line('M-6 6L66 -66', dark, 9) +
    shape(roundedPath('54,-54 58,-84 84,-100 82,-78 100,-84 84,-58', 4), accent) +
    ring(-6, 6, 86, body, 4)
  )
}

export const scienceMotifs: readonly Motif[] = [
  {
    name: 'atom',
    words:
      'atom science scientific physics research nuclear laboratory lab chemistry react electron molecule',
    colors: ['#3D5AF1', '#22B8CF', '#FF6B6B'],
    accompanies: 'beside',
    draw: atom,
  },
  {
    name: 'helix',
    words: 'helix dna gene genetic genome biotech biology life',
    colors: ['#2A8FA8', '#7A5CD0', '#F5A65B'],
    accompanies: 'beside',
    draw: helix,
  },
  {
    name: 'bulb',
    words:
      'bulb lightbulb idea innovation innovative creative lamp invention inspiration light lighting smart think',
    colors: ['#F7B731', '#5C6B8A', '#8FA0BF'],
    accompanies: 'above',
    draw: bulb,
  },
  {
    name: 'planet',
    words:
      'planet saturn cosmos cosmic galaxy universe astronomy jupiter orbit mars astro interstellar nebula',
    colors: ['#6C5CE7', '#A99BF5', '#FDCB6E'],
    accompanies: 'behind',
    draw: planet,
  },
  {
    name: 'globe',
    words: 'globe world earth global international worldwide map translation language travel',
    colors: ['#2E86C1', '#58B368', '#F4B942'],
    accompanies: 'behind',
    draw: globe,
  },
  {
    name: 'target',
    words: 'target goal aim archery arrow focus strategy bullseye dart',
    colors: ['#E0474C', '#E0474C', '#2F6690'],
    accompanies: 'beside',
    draw: target,
  },
]
