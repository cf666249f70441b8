import type { Motif } from '../motif.ts'
import type { Pen } from '../pen.ts'
import { circle, box, shape, line, mirrored, polygonPath, roundedPath } from '../shapes.ts'

function house(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const walls = roundedPath('0,-78 66,-18 66,90 -66,90 -66,-18', 7)
  return (
    box(36, -84, 24, 60, shade, 4) +
    shape(walls, pen.surface(body)) +
    pen.clip(walls, box(0, -100, 80, 200, shade)) +
    line('M-86 0L0 -78L86 0', second, 22) +
    shape('M-24 90V40C-24 10 24 10 24 40V90Z', accent) +
    circle(12, 58, 5, light) +
    circle(0, -20, 14, light)
  )
}

function city(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const windows = (x: number, top: number, rows: number, color: string) =>
    Array.from({ length: rows * 2 }, (_, i) =>
      box(x + (i % 2) * 18, top + Math.floor(i / 2) * 24, 9, 13, color, 2),
    ).join('')
  return (
    box(-90, -18, 54, 108, second, 5) +
    box(40, -40, 50, 130, shade, 5) +
    shape(roundedPath('-34,-66 34,-94 34,90 -34,90', 5), pen.surface(body)) +
    windows(-76, 0, 3, light) +
    windows(-14, -48, 5, accent) +
    windows(52, -22, 4, light) +
    line('M-94 92H94', accent, 10)
  )
}

function temple(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const pillars = mirrored(
    box(36, -34, 20, 104, pen.surface(body)) + box(72, -34, 16, 104, pen.surface(body)),
  )
  return (
    shape(roundedPath('-98,-40 0,-94 98,-40', 6), accent) +
    circle(0, -58, 11, light) +
    box(-92, -44, 184, 16, shade, 4) +
    pillars +
    box(-11, -34, 22, 104, pen.surface(body)) +
    box(-92, 66, 184, 14, second, 3) +
    box(-98, 80, 196, 14, shade, 4)
  )
}

function tent(pen: Pen): string {
  const { body, shade, second, accent, light } = pen.inks
  const canvas = roundedPath('0,-66 88,80 -88,80', 8)
  return (
    circle(52, -58, 20, accent) +
    line('M-10 -78L0 -60L10 -78', second, 9) +
    shape(canvas, pen.surface(body)) +
    pen.clip(canvas, shape(polygonPath('0,-70 100,90 0,90'), shade)) +
    shape(roundedPath('0,-24 38,80 -38,80', 5), accent) +
    shape(roundedPath('0,-24 0,80 -38,80', 3), light) +
    line('M-94 86H94', second, 11)
  )
}

export const buildingMotifs: readonly Motif[] = [
  {
    name: 'house',
    words:
      'house home real-estate estate realty realtor cottage housing property mortgage hotel hostel inn apartment roof village room',
    colors: ['#E9825A', '#B5474A', '#3F6FA0'],
    accompanies: 'below',
    draw: house,
  },
  {
    name: 'city',
    words:
      'city building skyline urban skyscraper tower downtown architecture architect office metropolis town street',
    colors: ['#3D5A80', '#98B6D3', '#F4A259'],
    accompanies: 'below',
    draw: city,
  },
  {
    name: 'temple',
    words:
      'temple bank museum law legal lawyer attorney justice university government history finance notary court',
    colors: ['#34568B', '#8CA3C3', '#C9A24B'],
    accompanies: 'below',
    draw: temple,
  },
  {
    name: 'tent',
    words: 'tent camp camping campsite scout expedition explore backpack bonfire campfire',
    colors: ['#E9823F', '#4F7D5B', '#F4C04E'],
    accompanies: 'below',
    draw: tent,
  },
]
